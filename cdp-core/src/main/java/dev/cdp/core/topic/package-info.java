/**
 * The change topic: the contract between capture, which writes it, and archiver and restore, which read it.
 *
 * <p>In: {@link dev.cdp.core.ChangeRecord}s, written in Kafka transactions together with capture's own progress by
 * {@link dev.cdp.core.topic.ChangeTopicWriter}. Out: whole transactions, put together by
 * {@link dev.cdp.core.topic.TransactionAssembler} from what {@link dev.cdp.core.topic.ChangeTopicReader} polls.
 * Format: {@code docs/formats/change-topic.md}.
 */
@NullMarked
package dev.cdp.core.topic;

import org.jspecify.annotations.NullMarked;
