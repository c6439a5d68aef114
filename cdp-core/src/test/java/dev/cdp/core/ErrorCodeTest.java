package dev.cdp.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ErrorCodeTest {

    @Test
    void noNumberIsUsedTwice() {
        assertThat(Arrays.stream(ErrorCode.values()).map(ErrorCode::toString)).doesNotHaveDuplicates();
        assertThat(Arrays.stream(ExitCode.values()).map(ExitCode::code)).doesNotHaveDuplicates();
    }

    @Test
    void isFoundByThePrintedForm() {
        for (ErrorCode code : ErrorCode.values()) {
            assertThat(ErrorCode.find(code.toString())).contains(code);
        }
        assertThat(ErrorCode.find("cdp-3002")).contains(ErrorCode.RESTORE_POINT_OUTSIDE);
        assertThat(ErrorCode.find("3002")).contains(ErrorCode.RESTORE_POINT_OUTSIDE);
        assertThat(ErrorCode.find("CDP-1")).isEmpty();
    }
}
