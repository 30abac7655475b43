/** The checkout page's whole style: nothing is loaded from elsewhere. */
export const checkoutStyle = `
*{box-sizing:border-box}
:root{--ink:#16213a;--soft:#5b6780;--line:#dfe4ee;--blue:#1f4fd8;--paper:#fff;--good:#0b7a4b;--bad:#b3261e;--wait:#8a5a00}
body{margin:0;min-height:100vh;display:flex;flex-direction:column;align-items:center;font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;
  color:var(--ink);background:radial-gradient(1100px 600px at 15% -10%,#dfe8ff,transparent),radial-gradient(900px 600px at 110% 110%,#e9f5ee,transparent),#f3f5fa}
.ribbon{margin:0;width:100%;padding:.5rem 1rem;text-align:center;font-size:.875rem;color:#5c3d00;background:#ffe9b8;border-bottom:1px solid #f2d28a}
.ribbon strong{display:inline-block;margin-right:.5rem;padding:0 .55rem;border-radius:1rem;background:#5c3d00;color:#fff;letter-spacing:.04em;
  font-size:.75rem;line-height:1.4rem;text-transform:uppercase}
main{width:min(100% - 2rem,52rem);margin:auto;display:grid;grid-template-columns:18rem 1fr;background:var(--paper);border-radius:1.25rem;overflow:hidden;
  box-shadow:0 1px 2px #16213a14,0 24px 60px -20px #16213a40}
aside{padding:2rem 1.75rem;color:#fff;background:linear-gradient(160deg,#16307c,#1f4fd8 70%,#3d74f0)}
section{padding:2rem}
h1{margin:0 0 1.25rem;font-size:1.25rem;line-height:1.3}
.shop{display:flex;align-items:center;gap:.75rem;font-weight:600;overflow-wrap:anywhere}
.monogram{flex:none;width:2.5rem;height:2.5rem;border-radius:.75rem;display:grid;place-items:center;background:#ffffff26;font-size:1.1rem}
.label{margin:2rem 0 0;font-size:.8125rem;color:#d6e1ff}
.amount{margin:0;font-size:2rem;font-weight:700;letter-spacing:-.02em;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
dl{margin:1.25rem 0 0;font-size:.8125rem;display:grid;gap:.1rem}
dt{color:#d6e1ff}
dd{margin:0 0 .6rem;overflow-wrap:anywhere}
code{font:.8125rem/1.5 ui-monospace,SFMono-Regular,Menlo,monospace}
fieldset{border:0;margin:0 0 1.25rem;padding:0;display:grid;gap:.625rem}
.method{display:flex;align-items:center;gap:.875rem;padding:.8rem 1rem;border:1.5px solid var(--line);border-radius:.875rem;cursor:pointer}
.method:hover{border-color:#b9c6e4}
.method:has(:checked){border-color:var(--blue);background:#f2f6ff}
.method:has(:focus-visible){outline:3px solid #9db8ff;outline-offset:1px}
.method input{width:1.1rem;height:1.1rem;margin:0;accent-color:var(--blue)}
.method strong,.method small{display:block;line-height:1.35}
.method small{color:var(--soft);font-size:.8125rem}
svg{flex:none;width:1.6rem;height:1.6rem;fill:none;stroke:currentColor;stroke-width:1.6;stroke-linecap:round;stroke-linejoin:round}
.method svg{color:var(--blue)}
button,a.primary{display:block;width:100%;padding:.85rem 1rem;border:1.5px solid var(--line);border-radius:.875rem;background:var(--paper);color:var(--ink);
  font:inherit;font-weight:600;text-align:center;text-decoration:none;cursor:pointer}
button:hover{background:#f6f8fc}
button:focus-visible,a.primary:focus-visible{outline:3px solid #9db8ff;outline-offset:2px}
button.primary,a.primary{border-color:var(--blue);background:var(--blue);color:#fff}
button.primary:hover,a.primary:hover{background:#1a43b8}
.others{display:grid;grid-template-columns:1fr 1fr;gap:.625rem;margin-top:.625rem}
.others button{font-weight:500;font-size:.9rem;padding:.65rem .5rem;color:var(--soft)}
.note{margin:.75rem 0;font-size:.875rem;color:var(--soft)}
.result svg{width:3rem;height:3rem;margin-bottom:.5rem}
.result h1{margin-bottom:.25rem}
.result p{margin:0;color:var(--soft)}
.result dl{grid-template-columns:auto 1fr;gap:.35rem 1.25rem;margin:1.25rem 0 1.5rem;padding:1rem;border-radius:.875rem;background:#f6f8fc;font-size:.875rem}
.result dt{color:var(--soft)}
.result dd{margin:0;text-align:right}
.good svg{color:var(--good)}.bad svg{color:var(--bad)}.wait svg{color:var(--wait)}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
a.primary{margin-bottom:.625rem}
@media (max-width:44rem){
  main{grid-template-columns:1fr;margin:1rem auto}
  aside{padding:1.25rem 1.5rem}
  .label{margin-top:1rem}
  aside dl{margin-top:.5rem}
  section{padding:1.5rem}
}
@media (max-width:24rem){.others{grid-template-columns:1fr}}
`;
