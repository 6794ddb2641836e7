-- The fund's history in the lake's trail, and the fund in the mirror as long as it is there.
-- docker/demo puts the fund's id for :fund, and hands it to kappa sql.
SELECT place, op, fund_name, fund_price
FROM (SELECT 'trail' AS place, _kappa_op AS op, fund_name, fund_price, _kappa_lsn, _kappa_ordinal
      FROM trail.public_fund_metadata
      WHERE fund_id = :fund
      UNION ALL
      SELECT 'mirror', NULL, fund_name, fund_price, _kappa_lsn, _kappa_ordinal
      FROM mirror.public_fund_metadata
      WHERE fund_id = :fund)
ORDER BY place DESC, _kappa_lsn, _kappa_ordinal
