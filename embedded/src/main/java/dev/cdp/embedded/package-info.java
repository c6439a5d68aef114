/**
 * Servers that come from packages instead of an installation: a Kafka broker inside this process, PostgreSQL and
 * MariaDB beside it. In: a directory to keep the data in. Out: an address on 127.0.0.1, and nothing left running when
 * the process ends. Each directory belongs to one process at a time and may be started again with what it holds.
 *
 * <p>Read {@link dev.cdp.embedded.EmbeddedKafka} first, then {@link dev.cdp.embedded.EmbeddedPostgres}.
 */
@NullMarked
package dev.cdp.embedded;

import org.jspecify.annotations.NullMarked;
