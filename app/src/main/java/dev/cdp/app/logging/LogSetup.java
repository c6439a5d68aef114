package dev.cdp.app.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import dev.cdp.app.config.Configuration;
import org.slf4j.LoggerFactory;

/** Sets logging up without a file: Logback finds this class by its service entry, which spares parsing XML. */
public final class LogSetup extends ContextAwareBase implements Configurator {
    private static final String OURS = "dev.cdp";
    /** What it fails with reaches us as an exception, which we log once. */
    private static final String CAPTURE_ENGINE = "io.debezium";

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        install(context, text(context), Level.WARN, Level.ERROR);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /** Logs as configured from here on; libraries stay quiet unless everything is to be seen. */
    public static void apply(Configuration.Log settings) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        Level ours = Level.toLevel(settings.level());
        context.reset();
        install(
                context,
                settings.format().equals("json") ? json(context) : text(context),
                ours,
                ours.isGreaterOrEqual(Level.INFO) ? Level.ERROR : ours.equals(Level.DEBUG) ? Level.WARN : Level.INFO);
        if (ours.isGreaterOrEqual(Level.INFO)) {
            context.getLogger(CAPTURE_ENGINE).setLevel(Level.OFF);
        }
    }

    private static void install(LoggerContext context, Encoder<ILoggingEvent> encoder, Level ours, Level libraries) {
        encoder.start();
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setContext(context);
        appender.setTarget("System.err");
        appender.setEncoder(encoder);
        appender.start();
        Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(libraries);
        root.addAppender(appender);
        context.getLogger(OURS).setLevel(ours);
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
