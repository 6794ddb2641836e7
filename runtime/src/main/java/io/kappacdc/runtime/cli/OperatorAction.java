package io.kappacdc.runtime.cli;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** A command that changes something in a pipeline: its runs are in the {@link ActionAccount}. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface OperatorAction {
  /**
   * Options that the account has with their values: none that can hold a secret or a row's value.
   */
  String[] shows() default {};
}
