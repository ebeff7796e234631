// Runs TLC time after time in one Java, which saves most of what its start costs: two thirds of a second for a model
// that is searched in one. Each run has classes of its own, because TLC keeps much in static variables.
//
// A line of input is a run: the folders of modules, then TLC's arguments, with tabs between. What TLC prints follows,
// then a line with `status`.

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Arrays;
import javax.management.ObjectName;

final class TlcRuns {
    public static void main(String[] arguments) throws Exception {
        URL[] jar = {Path.of(arguments[0]).toUri().toURL()};
        var input = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = input.readLine()) != null; ) {
            String[] words = line.split("\t");
            System.setProperty("TLA-Library", words[0]);
            int status = run(jar, Arrays.copyOfRange(words, 1, words.length));
            System.out.println("\n" + arguments[1] + status);
            System.out.flush();
        }
        System.exit(0); // whatever threads TLC has left behind
    }

    private static int run(URL[] jar, String[] arguments) throws Exception {
        try (var classes = new URLClassLoader(jar, ClassLoader.getPlatformClassLoader())) {
            Class<?> of = classes.loadClass("tlc2.TLC");
            Object tlc = of.getConstructor().newInstance();
            if (!(Boolean) of.getMethod("handleParameters", String[].class).invoke(tlc, (Object) arguments)) return 1;
            Object resolver = classes.loadClass("util.SimpleFilenameToStream").getConstructor().newInstance();
            of.getMethod("setResolver", classes.loadClass("util.FilenameToStream")).invoke(tlc, resolver);
            return (Integer) of.getMethod("process").invoke(tlc);
        } finally { // what TLC registers by name would be there twice, and keep its classes
            var beans = ManagementFactory.getPlatformMBeanServer();
            for (ObjectName name : beans.queryNames(new ObjectName("tlc2.*:*"), null)) beans.unregisterMBean(name);
        }
    }
}
