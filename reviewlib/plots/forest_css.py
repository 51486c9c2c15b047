"""The style sheet of the forest table: a table on a wide screen and on paper, cards on a phone, fit for the dark."""

FOREST_CSS = """
.forest-block{overflow-x:auto;container-type:inline-size}
.forest{border-collapse:collapse;width:100%;font-size:.95rem;font-variant-numeric:tabular-nums}
.forest caption{text-align:left;font-weight:600;padding:.3rem 0}
.forest th,.forest td{padding:.25rem .5rem;text-align:right;vertical-align:middle;border:0;background:none}
.forest th:first-child{text-align:left;font-weight:400;min-width:9.5rem}
.forest thead th{font-weight:600;border-bottom:1px solid currentColor;vertical-align:bottom}
.forest thead th:first-child{font-weight:600}
.forest .plot{min-width:10rem;width:36%;position:relative;text-align:center;padding:0}
.forest tbody .plot{height:1.9rem}
.forest tbody .plot svg{position:absolute;left:0;top:0;width:100%;height:100%;overflow:visible}
.forest tbody .plot svg svg{position:static;width:auto;height:auto}
.forest .effect,.forest .weight,.forest .bias{white-space:nowrap}
.forest .effect small{display:block;white-space:normal;font-size:.8rem}
.forest .detail{display:block;padding-left:1rem}
.forest .pooled th,.forest .pooled td,.forest .subtotal th,.forest .subtotal td,.forest .group th{font-weight:700}
.forest .group th{text-align:left;padding-top:.7rem}
.forest .null{stroke:currentColor;stroke-opacity:.55}
.forest .mid{fill:#c8a415;fill-opacity:.22}
.forest .interval{stroke:currentColor;stroke-width:1.5}
.forest .estimate{fill:#5b7089}
.forest .pooled polygon,.forest .subtotal polygon{fill:#3d7ab8}
.forest .subtotal polygon{fill-opacity:.65}
.forest line.prediction{stroke:#94824f;stroke-width:4}
.forest svg line.prediction[y1="-6"]{stroke-width:2.5}
.forest .beyond polygon{fill:currentColor}
.forest .tick{stroke:currentColor}
.forest .axis svg{display:block;width:100%;height:24px;overflow:visible}
.forest .axis text{fill:currentColor;font-size:13px}
.forest .sides{display:flex;justify-content:space-between;gap:1rem;font-size:.85rem}
.forest .sides span:last-child{text-align:right}
.forest .sides span:first-child{text-align:left}
.forest .rob{display:inline-block;width:1.35rem;height:1.35rem;line-height:1.3rem;border-radius:50%;
border:1px solid currentColor;text-align:center;margin:0 1px;font-weight:700;font-size:.9rem;box-sizing:border-box}
.forest .total{margin-left:.3rem}
.forest .unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.forest-notes{font-size:.85rem}
.forest-notes p{margin:.25rem 0}
@container (max-width:40rem){
.forest,.forest tbody,.forest tfoot,.forest tr,.forest tbody th,.forest td
{display:block;width:auto;box-sizing:border-box}
.forest caption{display:block}
.forest thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.forest tbody tr{padding:.45rem 0;border-bottom:1px solid rgba(128,128,128,.35)}
.forest th,.forest td{padding:.05rem 0;text-align:left}
.forest tbody th:first-child{font-weight:600}
.forest tbody .plot,.forest .axis .plot{width:100%;min-width:0}
.forest td[data-label]::before{content:attr(data-label) ": ";opacity:.8}
.forest td.effect[data-label]::before{content:none}
.forest td.effect,.forest td.weight,.forest td.n,.forest td.mean,.forest td.events
{display:inline-block;margin-right:1rem}
.forest td.effect{white-space:normal;font-weight:600}
.forest td.empty,.forest .axis td:not(.plot){display:none}
}
@media print{.forest{font-size:8.5pt}.forest th:first-child{min-width:6.5rem}.forest .plot{min-width:8rem}
.forest tr{break-inside:avoid}.forest .rob{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
@media (forced-colors:active){.forest .estimate,.forest .pooled polygon{fill:CanvasText}}
"""
