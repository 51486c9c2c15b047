"""The style sheet of the forest table: a table on a wide screen and on paper, cards on a phone, fit for the dark."""

FOREST_CSS = """
.forest-block{overflow-x:auto;container-type:inline-size}
.forest-plot{border-collapse:collapse;width:100%;font-size:.95rem;font-variant-numeric:tabular-nums}
.forest-plot caption{text-align:left;font-weight:600;padding:.3rem 0}
.forest-plot th,.forest-plot td{padding:.25rem .5rem;text-align:right;vertical-align:middle;border:0;background:none}
.forest-plot th:first-child{text-align:left;font-weight:400;min-width:9.5rem}
.forest-plot thead th{font-weight:600;border-bottom:1px solid currentColor;vertical-align:bottom}
.forest-plot thead th:first-child{font-weight:600}
.forest-plot .plot{min-width:10rem;width:36%;position:relative;text-align:center;padding:0}
.forest-plot tbody .plot{height:1.9rem}
.forest-plot tbody .plot svg{position:absolute;left:0;top:0;width:100%;height:100%;overflow:visible}
.forest-plot tbody .plot svg svg{position:static;width:auto;height:auto}
.forest-plot .effect,.forest-plot .weight,.forest-plot .bias{white-space:nowrap}
.forest-plot .arm,.forest-plot .whole{white-space:nowrap}
.forest-plot .words{white-space:normal;max-width:13rem}
.forest-plot .effect small{display:block;white-space:normal;font-size:.8rem}
.forest-plot .detail{display:block;padding-left:1rem}
.forest-plot .pooled th,.forest-plot .pooled td,.forest-plot .subtotal th,.forest-plot .subtotal td,
.forest-plot .group th{font-weight:700}
.forest-plot .group th{text-align:left;padding-top:.7rem}
.forest-plot .null{stroke:currentColor;stroke-opacity:.55}
.forest-plot .mid{fill:#c8a415;fill-opacity:.22}
.forest-plot .interval{stroke:currentColor;stroke-width:1.5}
.forest-plot .estimate{fill:#5b7089}
.forest-plot .pooled polygon,.forest-plot .subtotal polygon{fill:#3d7ab8}
.forest-plot .subtotal polygon{fill-opacity:.65}
.forest-plot line.prediction{stroke:#94824f;stroke-width:4}
.forest-plot svg line.prediction[y1="-6"]{stroke-width:2.5}
.forest-plot .beyond polygon{fill:currentColor}
.forest-plot .tick{stroke:currentColor}
.forest-plot .axis svg{display:block;width:100%;height:24px;overflow:visible}
.forest-plot .axis text{fill:currentColor;font-size:13px}
.forest-plot .sides{display:flex;justify-content:space-between;gap:1rem;font-size:.85rem}
.forest-plot .sides span:last-child{text-align:right}
.forest-plot .sides span:first-child{text-align:left}
.forest-plot .rob{display:inline-block;width:1.35rem;height:1.35rem;line-height:1.3rem;border-radius:50%;
border:1px solid currentColor;text-align:center;margin:0 1px;font-weight:700;font-size:.9rem;box-sizing:border-box}
.forest-plot .total{margin-left:.3rem}
.forest-plot .unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.forest-notes{font-size:.85rem}
.forest-notes p{margin:.25rem 0}
@container (max-width:40rem){
.forest-plot,.forest-plot tbody,.forest-plot tfoot,.forest-plot tr,.forest-plot tbody th,.forest-plot td
{display:block;width:auto;box-sizing:border-box}
.forest-plot caption{display:block}
.forest-plot thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.forest-plot tbody tr{padding:.45rem 0;border-bottom:1px solid rgba(128,128,128,.35)}
.forest-plot th,.forest-plot td{padding:.05rem 0;text-align:left}
.forest-plot tbody th:first-child{font-weight:600}
.forest-plot tbody .plot,.forest-plot .axis .plot{width:100%;min-width:0}
.forest-plot td[data-label]::before{content:attr(data-label) ": ";opacity:.8}
.forest-plot td.effect[data-label]::before{content:none}
.forest-plot td.effect,.forest-plot td.weight,.forest-plot td.arm
{display:inline-block;margin-right:1rem}
.forest-plot td.arm{white-space:normal}
.forest-plot td.effect{white-space:normal;font-weight:600;max-width:none}
.forest-plot td.empty,.forest-plot .axis td:not(.plot){display:none}
}
@media print{.forest-plot{font-size:8.5pt}
.forest-plot th:first-child{min-width:6.5rem}.forest-plot .plot{min-width:8rem}
.forest-plot tr{break-inside:avoid}.forest-plot .rob{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
@media (forced-colors:active){.forest-plot .estimate,.forest-plot .pooled polygon{fill:CanvasText}}
"""
