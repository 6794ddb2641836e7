/** What the documentation says of the code, compared with the code. */
@NullMarked
package io.kappacdc.cli.docs;

import org.jspecify.annotations.NullMarked;
