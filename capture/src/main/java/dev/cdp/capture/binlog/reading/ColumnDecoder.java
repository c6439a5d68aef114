package dev.cdp.capture.binlog.reading;

import java.nio.charset.CharacterCodingException;

/** Reads the values of one column from row events, as the archive carries them. */
@FunctionalInterface
interface ColumnDecoder {

    /**
     * Reads the next value.
     *
     * @throws CharacterCodingException when a text is none in its character set
     * @throws OpaqueJsonException when a JSON value has no text
     */
    Object decode(EventBytes in) throws CharacterCodingException, OpaqueJsonException;
}
