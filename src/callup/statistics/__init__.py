"""statistics: being built (builder G; keep audit_draw and DrawAudit in the face, the command audit-draw needs them)."""

from callup.statistics.draw_audit import DrawAudit, audit_draw

__all__ = ["DrawAudit", "audit_draw"]
