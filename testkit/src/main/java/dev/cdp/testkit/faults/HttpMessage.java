package dev.cdp.testkit.faults;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** A head and a body as they came, of a request or an answer. */
record HttpMessage(byte[] head, byte[] body) {
    private static final Pattern LENGTH = Pattern.compile("(?im)^content-length:\\s*(\\d+)");
    private static final Pattern NEWEST_OBJECT =
            Pattern.compile("(?s)<Contents>(?:(?!<Contents>).)*</Contents>(?!.*<Contents>)");

    String headText() {
        return new String(head, StandardCharsets.ISO_8859_1);
    }

    /** @param out where a client that asks is told to go on with its body */
    static Optional<HttpMessage> read(InputStream in, OutputStream out) throws IOException {
        byte[] head = head(in);
        if (head.length == 0) {
            return Optional.empty();
        }
        String text = new String(head, StandardCharsets.ISO_8859_1);
        String lower = text.toLowerCase(Locale.ROOT);
        if (lower.contains("expect: 100-continue")) {
            out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            head = text.replaceFirst("(?i)expect: 100-continue\r\n", "").getBytes(StandardCharsets.ISO_8859_1);
        }
        return Optional.of(new HttpMessage(head, body(in, text, lower)));
    }

    static HttpMessage readAnswer(InputStream in, int bodies) throws IOException {
        byte[] head = head(in);
        String text = new String(head, StandardCharsets.ISO_8859_1);
        boolean hasBody = bodies > 0 && !text.startsWith("HTTP/1.1 204") && !text.startsWith("HTTP/1.1 304");
        return new HttpMessage(head, hasBody ? body(in, text, text.toLowerCase(Locale.ROOT)) : new byte[0]);
    }

    private static byte[] head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int newlines = 0;
        while (newlines < 2) {
            int next = in.read();
            if (next < 0) {
                return new byte[0];
            }
            head.write(next);
            if (next == '\n') {
                newlines++;
            } else if (next != '\r') {
                newlines = 0;
            }
        }
        return head.toByteArray();
    }

    private static byte[] body(InputStream in, String head, String lower) throws IOException {
        if (lower.contains("transfer-encoding: chunked")) {
            return chunks(in);
        }
        var length = LENGTH.matcher(head);
        return length.find() ? in.readNBytes(Integer.parseInt(length.group(1))) : new byte[0];
    }

    /** As they came, with their lengths. */
    private static byte[] chunks(InputStream in) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        while (true) {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            for (int next = in.read(); next >= 0; next = in.read()) {
                line.write(next);
                if (next == '\n') {
                    break;
                }
            }
            all.write(line.toByteArray());
            int length = Integer.parseInt(
                    line.toString(StandardCharsets.ISO_8859_1).strip().split(";")[0], 16);
            all.write(in.readNBytes(length + 2));
            if (length == 0) {
                return all.toByteArray();
            }
        }
    }

    static HttpMessage error(int status, String code) {
        byte[] body = ("<?xml version=\"1.0\"?><Error><Code>" + code
                        + "</Code><HttpMessage>injected</HttpMessage></Error>")
                .getBytes(StandardCharsets.UTF_8);
        String head = "HTTP/1.1 " + status + " " + code + "\r\nContent-Type: application/xml\r\nContent-Length: "
                + body.length + "\r\n\r\n";
        return new HttpMessage(head.getBytes(StandardCharsets.ISO_8859_1), body);
    }

    /** The listing without its last object. */
    HttpMessage withoutNewest() {
        byte[] xml =
                headText().toLowerCase(Locale.ROOT).contains("transfer-encoding: chunked") ? unchunked(body) : body;
        byte[] shorter = NEWEST_OBJECT
                .matcher(new String(xml, StandardCharsets.UTF_8))
                .replaceFirst("")
                .getBytes(StandardCharsets.UTF_8);
        String head = headText()
                .replaceAll("(?im)^(content-length|transfer-encoding):.*\r\n", "")
                .replaceFirst("\r\n\r\n$", "\r\nContent-Length: " + shorter.length + "\r\n\r\n");
        return new HttpMessage(head.getBytes(StandardCharsets.ISO_8859_1), shorter);
    }

    private static byte[] unchunked(byte[] chunks) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        int at = 0;
        while (true) {
            int end = at;
            while (chunks[end] != '\n') {
                end++;
            }
            String line = new String(chunks, at, end - at, StandardCharsets.ISO_8859_1).strip();
            int length = Integer.parseInt(line.split(";")[0], 16);
            if (length == 0) {
                return all.toByteArray();
            }
            all.writeBytes(Arrays.copyOfRange(chunks, end + 1, end + 1 + length));
            at = end + 1 + length + 2;
        }
    }
}
