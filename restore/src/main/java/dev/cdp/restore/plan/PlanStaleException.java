package dev.cdp.restore.plan;

import dev.cdp.core.CdpException;
import dev.cdp.core.ErrorCode;

/** The archive or the target is not what the plan was made for. */
public final class PlanStaleException extends CdpException {
    private static final long serialVersionUID = 1;

    public PlanStaleException(RestorePlan plan, String what) {
        super(
                ErrorCode.PLAN_STALE,
                "Plan " + plan.id() + " is stale: " + what,
                "This run wrote nothing. Make a new one: cdp plan --to " + plan.restorePoint());
    }
}
