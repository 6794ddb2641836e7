# One image for capture, processor and tools (target pipeline), and one with the load generator beside
# them (target load). Built from the sources with Maven; needs neither BuildKit nor anything else.

FROM maven:3.9-eclipse-temurin-17 AS build
WORKDIR /opt/kappa
# The poms alone first: as long as they stay the same, what Maven fetches stays in this layer.
COPY .mvn .mvn
COPY pom.xml ./
COPY events/pom.xml events/
COPY runtime/pom.xml runtime/
COPY telemetry/pom.xml telemetry/
COPY local-stack/pom.xml local-stack/
COPY cdc-capture/pom.xml cdc-capture/
COPY stream-processor/pom.xml stream-processor/
COPY load-generator/pom.xml load-generator/
COPY cli/pom.xml cli/
COPY chaos/pom.xml chaos/
COPY benchmarks/pom.xml benchmarks/
RUN mvn -B -q -Dmaven.repo.local=/opt/kappa/lib -DskipTests -pl cli,cdc-capture,stream-processor -am package \
 && rm -rf */target
COPY . .
RUN mvn -B -q -Dmaven.repo.local=/opt/kappa/lib -DskipTests -pl cli,cdc-capture,stream-processor -am package
# Of all that was built and fetched, what a role's class path names. The class paths are absolute, so
# everything keeps its place.
RUN set -eu; \
    gather() { \
      into=$1; shift; \
      for module; do \
        tr ':' '\n' < "$module/target/classpath.txt"; \
        printf '\n%s\n' "$PWD/$module/target/classpath.txt" "$PWD/$module/target/$module"-*.jar; \
      done | sed '/^$/d' | sort -u > /tmp/files; \
      mkdir -p "$into"; \
      tar -cPf - -T /tmp/files | tar -xf - -C "$into"; \
    }; \
    gather /image/pipeline cli cdc-capture stream-processor; \
    cp -p kappa pom.xml LICENSE NOTICE /image/pipeline/opt/kappa/; \
    cp -p docker/health /image/pipeline/opt/kappa/; \
    mkdir /image/pipeline/opt/kappa/sql; \
    cp -rp sql/verify /image/pipeline/opt/kappa/sql/; \
    gather /image/load load-generator

FROM eclipse-temurin:17-jre-noble AS pipeline
RUN groupadd --gid 10001 kappa \
 && useradd --uid 10001 --gid kappa --home-dir /var/lib/kappa --create-home --shell /usr/sbin/nologin kappa \
 && install -d -o kappa -g kappa -m 0750 /var/lib/kappa/.kappa /var/lib/kappa/lake
COPY --from=build /image/pipeline/ /
# Nothing is built in here.
ENV KAPPA_BUILD=never
USER kappa
# The home directory of a command is .kappa in its working directory.
WORKDIR /var/lib/kappa
ENTRYPOINT ["/opt/kappa/kappa"]
CMD ["--help"]

FROM pipeline AS load
COPY --from=build /image/load/ /
