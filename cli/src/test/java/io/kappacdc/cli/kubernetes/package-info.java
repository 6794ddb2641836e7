/** Tests of what runs the pipeline on Kubernetes: deploy/kubernetes. */
@NullMarked
package io.kappacdc.cli.kubernetes;

import org.jspecify.annotations.NullMarked;
