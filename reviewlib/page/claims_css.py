"""The look of the claim check. Its list filters by CSS alone, for a page may hold no script."""

from __future__ import annotations

CSS = """
.claims-filter{display:flex;flex-wrap:wrap;gap:.6rem 1.4rem;align-items:end;margin:.9rem 0;padding:.7rem .9rem;
background:var(--tint,#eef3f2)}
.claims-filter label{display:grid;gap:.15rem;font-size:.9rem}
.claims-filter select,.claims-filter button{font:inherit;font-size:.95rem;padding:.35rem .5rem;min-height:2.4rem;
max-width:100%;color:inherit;background:var(--paper,#fff);border:1px solid var(--muted,#545e63);border-radius:.25rem}
.answer .said{white-space:nowrap}
.claims{counter-reset:claims}
.claim{--tone:#545e63;counter-increment:claims;border-left:.3rem solid var(--tone);padding:.1rem 0 .1rem .9rem;
margin:1.3rem 0}
.claim h4{margin:0 0 .2rem;font-size:1.02rem}
.claim p,.claim details{margin:.3rem 0}
.claim .sure{color:var(--muted,#545e63);font-weight:400}
.claim .mark{display:inline-block;min-width:1.5em;text-align:center;margin-right:.1em;color:#fff;
background:var(--tone);border-radius:.2rem;font-weight:700}
.v-contradicted{--tone:#9b2226}
.v-misattributed{--tone:#6b3fa0}
.v-unsupported{--tone:#8a5300}
.v-partly-supported{--tone:#3d5a80}
.v-supported{--tone:#0b6b4f}
.claims-count{font-weight:600}
.claims-count::before{content:counter(claims) " "}
@media (max-width:40em){.claim{padding-left:.7rem}.claims-filter label,.claims-filter select{width:100%}}
@media (forced-colors:active){.claim .mark{border:1px solid}}
@media print{.claims-filter,.claims-count{display:none}.claim{break-inside:avoid}
.claim details::details-content{content-visibility:visible;height:auto}}
"""
