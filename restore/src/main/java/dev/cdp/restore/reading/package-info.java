/**
 * What is known of a source: its archive, and the newest transactions that only Kafka has yet. Objects are staged in a
 * local folder and checked on the way. Start with {@link dev.cdp.restore.reading.ArchiveReader}.
 */
@NullMarked
package dev.cdp.restore.reading;

import org.jspecify.annotations.NullMarked;
