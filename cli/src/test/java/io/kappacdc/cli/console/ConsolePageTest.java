package io.kappacdc.cli.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kappacdc.cli.console.ConsoleStand.Running;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** The page in a real browser, where there is one: Chromium and its driver on the PATH. */
@ExtendWith(ConsoleStand.class)
class ConsolePageTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Kept, or the level would be forgotten: it warns of browsers that are newer than itself. */
  private static final Logger DRIVER_LOG = Logger.getLogger("org.openqa.selenium");

  private static ChromeDriver browser;

  private Running stand;

  @BeforeAll
  static void open() {
    Optional<File> chromium = program("chromium", "chromium-browser", "google-chrome");
    Optional<File> driver = program("chromedriver");
    Assumptions.assumeTrue(
        chromium.isPresent() && driver.isPresent(),
        "the page was not tested: there is no chromium or no chromedriver on the PATH");
    DRIVER_LOG.setLevel(Level.SEVERE);
    LoggingPreferences logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    ChromeOptions options = new ChromeOptions();
    options.setBinary(chromium.get());
    options.addArguments(
        "--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1280,900");
    options.setCapability("goog:loggingPrefs", logs);
    browser =
        new ChromeDriver(
            new ChromeDriverService.Builder()
                .usingDriverExecutable(driver.get())
                .usingAnyFreePort()
                .build(),
            options);
  }

  private static Optional<File> program(String... names) {
    return Arrays.stream(names)
        .flatMap(
            name ->
                Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                    .map(directory -> Path.of(directory, name)))
        .filter(Files::isExecutable)
        .map(Path::toFile)
        .findFirst();
  }

  @AfterAll
  static void close() {
    if (browser != null) {
      browser.quit();
    }
  }

  @BeforeEach
  void take(Running running) {
    stand = running;
  }

  @AfterEach
  void nothingWasComplainedOf() {
    assertThat(browser.manage().logs().get(LogType.BROWSER).getAll())
        .filteredOn(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
        .isEmpty();
    assertThat(browser.getTitle()).isNotEqualTo("taken");
  }

  private void show(String view) {
    browser.get("about:blank"); // another view alone would be no new page
    browser.get(stand.console().url() + "#" + view);
  }

  private String textOf(String selector) {
    return browser.findElement(By.cssSelector(selector)).getText();
  }

  private void awaitText(String selector, String... texts) {
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .untilAsserted(() -> assertThat(textOf(selector)).contains(texts));
  }

  @Test
  void theFlowIsDrawnAndSaidInWords() {
    show("flow");

    awaitText("#stages", "Trail in PostgreSQL", "needs a look", "its column is <odd>");
    awaitText("#stages", "No answer: no stack is up in");
    awaitText("#state", "Something is down");
    assertThat(browser.findElements(By.cssSelector(".flow [data-nodes] > g"))).hasSize(6);
    assertThat(browser.findElement(By.id("flow-words")).getDomProperty("textContent"))
        .contains("Capture runs", "streaming");
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                browser
                    .findElement(By.id("c-rate"))
                    .getDomAttribute("aria-label")
                    .contains("now "));
  }

  @Test
  void theFeedShowsWhatChangedAndHostileValuesAsText() {
    show("changes");

    awaitText("#feed tbody", "1.50", "1.75", ConsoleStand.HOSTILE);
    WebElement update =
        browser.findElement(By.cssSelector("#feed tr[data-place='0/300,1'] .values"));
    assertThat(update.findElement(By.tagName("del")).getText()).isEqualTo("1.50");
    assertThat(update.findElement(By.tagName("ins")).getText()).isEqualTo("1.75");
    assertThat(browser.findElements(By.cssSelector("#feed img, #feed script, #feed b"))).isEmpty();
  }

  @Test
  void aRowsLifeIsReachedByKeyboardAlone() {
    show("row?topic=" + ConsoleStand.FUND);
    awaitText("#row-keys", "id");
    browser.executeScript("document.activeElement.blur()");

    String path = "";
    for (int tabs = 0; tabs < 30 && !path.equals("id"); tabs++) {
      browser.switchTo().activeElement().sendKeys(Keys.TAB);
      path = browser.switchTo().activeElement().getDomAttribute("name");
      path = path == null ? "" : path;
    }
    browser.switchTo().activeElement().sendKeys("2", Keys.ENTER);

    awaitText("#row tbody", "insert", "update", "delete");
    assertThat(textOf("#row-note")).contains("3 changes");
    assertThat(browser.getCurrentUrl()).endsWith("&key=2");
  }

  @Test
  void theSliderShowsATableAsItWas() {
    show("as-of?topic=" + ConsoleStand.FUND);
    awaitText("#as-of caption", "0/500");

    browser.findElement(By.id("as-of-slider")).sendKeys(Keys.HOME);

    awaitText("#as-of caption", "0/100");
    assertThat(textOf("#as-of tbody")).contains("1.50").doesNotContain("two");
  }

  @Test
  void itIsLightAndDark() {
    show("checks");
    awaitText("#quarantine", "<b>no</b>");

    String light = background("light");
    String dark = background("dark");
    browser.findElement(By.id("theme")).click();
    String chosen =
        browser.executeScript("return getComputedStyle(document.body).backgroundColor").toString();
    browser.executeScript("localStorage.clear()");

    assertThat(light).isNotEqualTo(dark);
    assertThat(chosen).as("the button chooses light first").isEqualTo(light);
  }

  private static String background(String scheme) {
    browser.executeCdpCommand(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    return browser
        .executeScript("return getComputedStyle(document.body).backgroundColor")
        .toString();
  }

  @Test
  void everythingHasANameAndTablesHaveCaptions() {
    show("checks");
    awaitText("#quarantine", "no JSON");

    assertThat(
            (List<?>)
                browser.executeScript(
                    """
                    const named = (e) => e.getAttribute('aria-label') || e.labels?.length || e.textContent.trim();
                    return [...document.querySelectorAll('button, input, select, a')]
                      .filter((e) => !named(e)).map((e) => e.outerHTML)
                      .concat([...document.querySelectorAll('main > section > .scroll > table')]
                        .filter((t) => !t.caption).map((t) => t.id));"""))
        .isEmpty();
  }
}
