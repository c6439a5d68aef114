/** Turns the configuration into what the stages take: addresses of Kafka, of the archive and of databases. */
@NullMarked
package dev.cdp.app.wiring;

import org.jspecify.annotations.NullMarked;
