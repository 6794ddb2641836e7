/** Tests of what runs the pipeline on Docker: docker-compose.yml, Dockerfile, docker/. */
@NullMarked
package io.kappacdc.cli.docker;

import org.jspecify.annotations.NullMarked;
