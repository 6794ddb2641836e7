package io.kappacdc.runtime.config;

import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The configuration reference, made from the declarations. */
public final class ConfigReference {
  private ConfigReference() {}

  /** The reference as a Markdown page. */
  public static String markdown() {
    StringBuilder page = new StringBuilder(4096);
    page.append("# Configuration\n\n")
        .append("<!-- Generated from the code by ConfigReference; a test compares. -->\n\n")
        .append(
            "One file, `kappa.yaml`, serves all roles: `--config FILE`. A key is written nested\n")
        .append(
            "(`source:` then `url:` below it) and can be overridden from the environment. Unknown keys\n")
        .append(
            "and bad values are refused, all at once. Later wins: defaults, the running stack of the\n")
        .append("home directory, the file, the environment, flags.\n");
    for (RecordComponent section : KappaConfig.class.getRecordComponents()) {
      page.append("\n## ").append(section.getName()).append("\n\n");
      page.append(section.getAnnotation(Key.class).doc()).append("\n\n");
      page.append("| key | type | default | environment | meaning |\n|---|---|---|---|---|\n");
      for (RecordComponent component : section.getType().getRecordComponents()) {
        Key key = component.getAnnotation(Key.class);
        String path = section.getName() + '.' + ConfigBinder.kebab(component.getName());
        page.append("| `").append(path).append("` | ").append(typeName(component));
        page.append(" | ").append(key.byDefault().isEmpty() ? "" : '`' + key.byDefault() + '`');
        page.append(" | `").append(ConfigLoader.variable(path)).append("` | ");
        page.append(key.doc()).append(" |\n");
      }
      for (RecordComponent component : section.getType().getRecordComponents()) {
        Class<?> element = ConfigBinder.elementRecord(component);
        if (element != null) {
          appendElement(
              page, section.getName() + '.' + ConfigBinder.kebab(component.getName()), element);
        }
      }
    }
    return page.toString();
  }

  private static void appendElement(StringBuilder page, String path, Class<?> element) {
    page.append("\nEach entry of `").append(path).append("`:\n\n");
    page.append("| key | type | meaning |\n|---|---|---|\n");
    for (RecordComponent component : element.getRecordComponents()) {
      page.append("| `").append(ConfigBinder.kebab(component.getName())).append("` | ");
      page.append(typeName(component)).append(" | ");
      page.append(component.getAnnotation(Key.class).doc()).append(" |\n");
    }
  }

  private static String typeName(RecordComponent component) {
    Class<?> type = component.getType();
    if (type == List.class) {
      return "list of maps";
    } else if (type == Map.class) {
      return "map";
    } else if (type == TablePatterns.class) {
      return "list of regular expressions";
    } else if (type == String.class) {
      return "text";
    } else if (type == int.class || type == Integer.class || type == long.class) {
      return "number";
    } else if (type == Duration.class) {
      return "duration";
    } else if (type == DataSize.class) {
      return "size";
    }
    return "choice";
  }
}
