package dev.cdp.app.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.FileAppender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import dev.cdp.app.config.Configuration;
import java.nio.file.Path;
import java.util.logging.LogManager;
import org.slf4j.LoggerFactory;

/** Sets logging up without a file: Logback finds this class by its service entry, which spares parsing XML. */
public final class LogSetup extends ContextAwareBase implements Configurator {
    private static final String OURS = "dev.cdp";
    /** What it fails with reaches us as an exception, which we log once. */
    private static final String CAPTURE_ENGINE = "io.debezium";

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        LogManager.getLogManager().reset(); // the binlog client's own way of logging; its failures reach us anyway
        install(context, text(context), Level.WARN, Level.ERROR);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /** Logs to stderr as configured from here on; libraries stay quiet unless everything is to be seen. */
    public static void apply(Configuration.Log settings) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        Encoder<ILoggingEvent> encoder = settings.format().equals("json") ? json(context) : text(context);
        install(context, encoder, Level.toLevel(settings.level()), libraries(Level.toLevel(settings.level())));
    }

    /** Logs to {@code file} instead, what is worth reading later. */
    public static void applyToFile(Path file) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        FileAppender<ILoggingEvent> appender = new FileAppender<>();
        appender.setFile(file.toString());
        install(context, appender, text(context), Level.INFO, Level.WARN);
    }

    private static Level libraries(Level ours) {
        if (ours.isGreaterOrEqual(Level.INFO)) {
            return Level.ERROR;
        }
        return ours.equals(Level.DEBUG) ? Level.WARN : Level.INFO;
    }

    private static void install(LoggerContext context, Encoder<ILoggingEvent> encoder, Level ours, Level libraries) {
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setTarget("System.err");
        install(context, appender, encoder, ours, libraries);
    }

    private static void install(
            LoggerContext context,
            OutputStreamAppender<ILoggingEvent> appender,
            Encoder<ILoggingEvent> encoder,
            Level ours,
            Level libraries) {
        encoder.start();
        appender.setContext(context);
        appender.setEncoder(encoder);
        appender.start();
        Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(libraries);
        root.addAppender(appender);
        context.getLogger(OURS).setLevel(ours);
        if (libraries.isGreaterOrEqual(Level.WARN)) {
            context.getLogger(CAPTURE_ENGINE).setLevel(Level.OFF);
        }
    }

    private static Encoder<ILoggingEvent> text(LoggerContext context) {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern("%d{yyyy-MM-dd'T'HH:mm:ss.SSS'Z',UTC} %-5level %X{source} %logger{0} - %msg%n");
        return encoder;
    }

    private static Encoder<ILoggingEvent> json(LoggerContext context) {
        JsonEncoder encoder = new JsonEncoder();
        encoder.setContext(context);
        return encoder;
    }
}
