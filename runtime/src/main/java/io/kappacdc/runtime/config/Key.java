package io.kappacdc.runtime.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Documents a key of the configuration and gives its default; on the components of the
 * configuration's records.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
@interface Key {
  /** What it does, for the configuration reference. */
  String doc();

  /** The default as it would be written in YAML; empty for none. */
  String byDefault() default "";

  /** Whether the value must not be shown. */
  boolean secret() default false;
}
