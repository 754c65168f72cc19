// The example says what it does.
package dev.finrst;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ExampleTest {
    @Test
    void theExampleShowsBothEndings() throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String path = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        String file = VectorsTest.SPEC.resolveSibling("embed/java/Example.java").toString();
        Process process = new ProcessBuilder(List.of(java, "-cp", path, file)).redirectErrorStream(true).start();
        String told = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        List<String> expected =
                List.of(
                        "wish: all of it",
                        "  the client reads   9000 bytes and end of file: complete",
                        "wish: a failure",
                        "  the handler threw  the database has gone",
                        "  the client reads   a reset: this is not the whole answer");
        assertEquals(expected, told.lines().toList());
        assertEquals(0, process.waitFor());
    }
}
