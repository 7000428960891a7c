/** Style of page and figures. Colours are named by what they mean; dark ones replace them as the system asks. */
export const STYLE = `
:root{color-scheme:light dark;--paper:#fbfaf7;--card:#fff;--ink:#1d2026;--soft:#565c66;--quiet:#8a909a;--line:#dfddd6;
--net:#d9dde3;--inside:#fff;--euclidean:#b4530a;--hyperbolic:#1f5fc4;--ensemble:#1d2026;--wrong:#b3122b;--cross:#8a3fd1;--accent:#1f5fc4}
@media (prefers-color-scheme:dark){:root{--paper:#14161b;--card:#1b1e25;--ink:#eceae4;--soft:#aeb4be;--quiet:#7d848f;
--line:#30343d;--net:#2b303a;--inside:#191c22;--euclidean:#f0a35e;--hyperbolic:#7fb2ff;--ensemble:#eceae4;--wrong:#ff7d8c;--cross:#c9a0ff;--accent:#7fb2ff}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:17px/1.6 system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif;
font-variant-numeric:tabular-nums;overflow-wrap:break-word}
header,main,footer{max-width:1080px;margin:0 auto;padding:0 24px}
header{padding-top:clamp(40px,8vw,88px)}
h1{font-size:clamp(30px,5.2vw,52px);line-height:1.1;letter-spacing:-.025em;margin:0 0 18px;font-weight:680;text-wrap:balance}
h2{font-size:clamp(22px,2.8vw,28px);line-height:1.2;letter-spacing:-.015em;margin:0 0 22px;font-weight:660}
.lead{font-size:clamp(18px,2.1vw,21px);line-height:1.5;color:var(--soft);max-width:44em;margin:0 0 36px}
section{padding:56px 0 8px;margin-top:40px;border-top:1px solid var(--line)}
.caption{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,400px),1fr));gap:18px 44px;align-content:start;font-size:16px;margin-top:26px;text-wrap:pretty}
.beside+.beside{margin-top:34px}
.beside>.caption{margin-top:0;align-content:center}
.caption p{margin:0;max-width:46em}
h3{font-size:14px;line-height:1.3;font-weight:600;color:var(--soft);margin:0 0 5px}
figure{margin:0}
figcaption{font-size:15px;font-weight:600;margin:0 0 8px}
dl,dd,ol{margin:0;padding:0;list-style:none}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(172px,1fr));gap:1px;background:var(--line);border:1px solid var(--line);border-radius:14px;overflow:hidden}
.facts>div{background:var(--card);padding:18px 20px}
.facts dt{font-size:14px;color:var(--soft)}
.facts .value{font-size:28px;line-height:1.25;font-weight:660;letter-spacing:-.02em}
.facts .note{font-size:13.5px;line-height:1.4;color:var(--soft)}
.strips{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,480px),1fr));gap:18px}
.strip{display:flex;gap:20px;background:var(--card);border:1px solid var(--line);border-radius:14px;padding:18px}
.query{display:flex;flex-direction:column;align-items:center;gap:4px;flex:none}
.query img,.query .blank{width:76px;height:76px;border-radius:8px}
.query figcaption{max-width:96px;font-size:13px;font-weight:400;color:var(--soft);text-align:center;margin:3px 0 0}
.turn{font-size:20px;line-height:1;color:var(--quiet)}
.found{flex:1;min-width:0;display:grid;gap:9px;align-content:center}
.found dt{font-size:13px;line-height:1.3;color:var(--soft);margin-bottom:4px}
.found ol{display:flex;flex-wrap:wrap;gap:5px}
img{display:block;image-rendering:pixelated;background:#000;height:auto}
.tile{position:relative;width:clamp(30px,8.6vw,38px);aspect-ratio:1;border-radius:6px}
.tile img,.tile .blank{width:100%;height:100%;border-radius:6px}
.tile.wrong{outline:2px dashed var(--wrong);outline-offset:1px}
.cross{position:absolute;right:-4px;top:-5px;width:16px;height:16px;border-radius:50%;background:var(--wrong);color:var(--card);font:700 10px/16px system-ui,sans-serif;text-align:center}
.found .seen dt{color:var(--s);font-weight:600}
.seen .list{display:flex;align-items:flex-start;gap:8px;margin-bottom:5px}
.seen .kind{flex:none;width:62px;padding-top:9px;font-size:12.5px;color:var(--soft)}
.seen .class{display:block;font-size:11px;line-height:1.3;text-align:center;color:var(--soft);overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.seen .tile{aspect-ratio:auto}
.seen .tile img,.seen .tile .blank{aspect-ratio:1;height:auto}
.blank.label{font-size:13px;line-height:1.1;overflow:hidden;text-align:center;overflow-wrap:anywhere;border-radius:6px}
.blank{display:grid;place-items:center;background:var(--line);color:var(--soft)}
details{margin-top:18px}
summary{cursor:pointer;display:inline-block;padding:9px 18px;border:1px solid var(--line);border-radius:99px;background:var(--card);font-size:15px}
details[open] summary{margin-bottom:18px}
.beside{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,400px),1fr));gap:36px 44px}
svg{display:block;width:100%;height:auto;overflow:visible;font:13px system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif}
svg text{fill:var(--soft)}
svg .note{font-size:15px}
.empty{fill:none;stroke:var(--line);stroke-dasharray:5 5}
.nothing{color:var(--soft);border:1px dashed var(--line);border-radius:14px;padding:28px;text-align:center;margin:0}
.grid{stroke:var(--line);stroke-width:.8}
.rule{stroke:var(--quiet)}
.axis .name{fill:var(--ink)}
.inside{fill:var(--inside)}
.net{fill:none;stroke:var(--net);stroke-width:.9}
.ring{fill:none;stroke:var(--quiet);stroke-width:.8;stroke-dasharray:2 4}
.ring-label{font-size:11.5px;paint-order:stroke;stroke:var(--inside);stroke-width:4px}
.boundary{fill:none;stroke:var(--ink);stroke-width:1.4}
.dots path{stroke:var(--c);stroke-width:4.6;stroke-linecap:round;opacity:.72}
.names text{fill:var(--ink);font-size:17px;font-weight:700;paint-order:stroke;stroke:var(--inside);stroke-width:5px;stroke-linejoin:round}
.chips{border:0;margin:0 0 22px;padding:0;display:flex;flex-wrap:wrap;gap:7px;min-width:0}
.chips legend{padding:0;margin-bottom:7px;font-size:14px;color:var(--soft)}
.chip{display:inline-flex;align-items:center;gap:7px;padding:4px 13px 4px 10px;border:1px solid var(--line);border-radius:99px;background:var(--card);font-size:15px;cursor:pointer;position:relative}
.chip input{position:absolute;opacity:0;inset:0;margin:0;width:100%;height:100%;cursor:pointer}
.chip::before{content:'';width:11px;height:11px;border-radius:50%;background:var(--c)}
.chip.every::before{display:none}
.chip.every{padding-left:13px}
.chip:has(:checked){border-color:var(--ink);box-shadow:inset 0 0 0 1px var(--ink)}
.chip:has(:focus-visible),summary:focus-visible,.table:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.bars.euclidean,.cells.euclidean{fill:var(--euclidean)}
.bars.hyperbolic,.cells.hyperbolic{fill:var(--hyperbolic)}
.bars{opacity:.82}
.mark line{stroke:var(--ink);stroke-width:1.4;stroke-dasharray:4 3}
.mark text{font-weight:600;paint-order:stroke;stroke:var(--paper);stroke-width:4px}
.mark.euclidean text{fill:var(--euclidean)}
.mark.hyperbolic text{fill:var(--hyperbolic)}
.curve{fill:none;stroke:var(--accent);stroke-width:2.4;stroke-linejoin:round}
.end circle{fill:var(--accent)}
.end text{fill:var(--ink);font-weight:600}
.diagonal{stroke:var(--quiet);stroke-dasharray:5 4}
.agree{fill:none;stroke:var(--ink);stroke-width:5.5;stroke-linecap:round;opacity:.7}
.disagree{fill:none;stroke:var(--cross);stroke-width:1.3;opacity:.55}
.median path{fill:none;stroke-linejoin:round}
.median .halo{stroke:var(--paper);stroke-width:5.5}
.median .line{stroke:var(--ink);stroke-width:2.2}
.median.within .line{stroke-dasharray:6 4}
.median text{fill:var(--ink);font-weight:600;paint-order:stroke;stroke:var(--paper);stroke-width:4px}
.series{fill:none;stroke:var(--s);stroke-width:2;stroke-linejoin:round}
.s0{--s:var(--ink);stroke-width:2.6}
.s1{--s:var(--c8);stroke-dasharray:7 3}.s2{--s:var(--c2);stroke-dasharray:2 3}.s3{--s:var(--c9);stroke-dasharray:9 3 2 3}
.s4{--s:var(--c0)}.s5{--s:var(--c1);stroke-dasharray:7 3}.s6{--s:var(--c6);stroke-dasharray:2 3}.s7{--s:var(--c7);stroke-dasharray:9 3 2 3}
.series.euclidean{--s:var(--euclidean)}.series.hyperbolic{--s:var(--hyperbolic)}
.series.cosine{--s:var(--c2)}.series.product{--s:var(--c8)}.series.floor{--s:var(--quiet)}.series.dashed{stroke-dasharray:7 3}
.panel{font-size:15px;font-weight:600}
.arm-line{fill:none;stroke:var(--s);stroke-width:2.2;stroke-linejoin:round}
.band{fill:var(--s);opacity:.13}
.whisker line{stroke:var(--s);stroke-width:1.2;stroke-dasharray:none}.whisker circle{fill:var(--s)}
.ridge{fill:var(--s);opacity:.75}
.ridge-name{fill:var(--ink);font-weight:600}
.arms{display:flex;flex-wrap:wrap;gap:6px 22px;margin:0 0 18px;padding:0;list-style:none;font-size:15px}
.arms li{display:inline-flex;align-items:center;gap:8px}
.arms svg{width:30px;height:10px;flex:none}
.cell{fill:var(--accent)}
.cell-text{fill:var(--ink);font-weight:600}
svg .cell-note{font-size:11.5px;fill:var(--ink)}
.key text{fill:var(--ink)}
.dot-row{--s:var(--soft)}
.dot-row.euclidean{--s:var(--euclidean)}.dot-row.hyperbolic{--s:var(--hyperbolic)}.dot-row.ensemble{--s:var(--ink)}
.dot-row circle{fill:var(--s)}
.dot-row line{stroke:var(--s);stroke-width:2.2;stroke-linecap:round}
.dot-row .value{fill:var(--ink);font-weight:600}
.table{overflow-x:auto;max-width:100%;margin-top:32px}
table{border-collapse:collapse;width:100%;font-size:15.5px}
caption{text-align:left;font-size:15px;font-weight:600;padding-bottom:8px}
th,td{padding:9px 14px;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap;font-weight:400}
th:first-child{text-align:left;padding-left:0;white-space:normal;min-width:7em}
thead th{color:var(--soft);font-size:14px}
.emphasised th,.emphasised td{font-weight:600}
footer>div{margin-top:48px;padding:44px 0 72px;border-top:1px solid var(--line)}
.origin{display:grid;gap:6px;font-size:15px}
.origin>div{display:grid;grid-template-columns:8.5em 1fr;gap:14px}
.origin dt{color:var(--soft)}
.origin dd{min-width:0}
@media (max-width:560px){header,main,footer{padding-left:18px;padding-right:18px}
section{padding-top:40px}
.facts{grid-template-columns:1fr 1fr}
.facts>div{padding:14px 15px}.facts .value{font-size:23px}
.facts>div:last-child:nth-child(odd){grid-column:1/-1}
.strip{flex-direction:column;gap:14px}
.query{flex-direction:row;gap:14px;align-self:flex-start}
svg{font-size:14px}
.origin>div{grid-template-columns:1fr;gap:0}}
@media print{body{background:#fff}section{break-inside:avoid}}
`;
