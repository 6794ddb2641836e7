package io.kappacdc.processor.erase;

/** A text inside another one, not as a part of a longer word or number. */
public final class WholeText {
  private WholeText() {}

  /** Whether {@code text} has {@code part} with no letter or digit next to it. */
  public static boolean isIn(String text, String part) {
    if (part.isEmpty()) {
      return false;
    }
    for (int at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) {
      int end = at + part.length();
      if ((at == 0 || !isOfWord(text.charAt(at - 1), part.charAt(0)))
          && (end == text.length()
              || !isOfWord(text.charAt(end), part.charAt(part.length() - 1)))) {
        return true;
      }
    }
    return false;
  }

  private static boolean isOfWord(char next, char own) {
    return Character.isLetterOrDigit(next) && Character.isLetterOrDigit(own);
  }

  /** Whether a text is so telling that it stands for its value wherever it stands. */
  public static boolean isTelling(String text) {
    return text.length() >= 4 && !text.chars().allMatch(c -> c >= '0' && c <= '9');
  }
}
