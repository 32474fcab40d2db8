"""The playground's style sheet: where the parts stand, and their colours in light and dark."""

from __future__ import annotations

from mas_edu.widgets.playground import svg

ROOT, STAGE, STALE = "mas-playground", "mas-stage", "mas-stale"

DARK = """
  --mas-muted: #b3b3b3; --mas-line: #4a4a4a; --mas-shade: #2b3440; --mas-pale: #7d7d7d;
  --mas-run-1: #63b8f0; --mas-run-2: #ff9d57; --mas-run-3: #4fd1ad; --mas-run-4: #c99bff;
"""
STYLE = f"""<style>
.{ROOT} {{
  container-type: inline-size; overflow: hidden; width: 100%; max-width: 1140px;
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
}}
body[data-jp-theme-light="false"] .{ROOT}, body.vscode-dark .{ROOT} {{ {DARK} }}
.{ROOT} .{STALE} svg, .{ROOT} .{STALE} .mas-numbers {{ opacity: 0.35; }}
.{ROOT} .widget-html {{ overflow: hidden; }}
.{ROOT} .widget-html-content {{ width: 100%; line-height: 1.3; }}
.{ROOT} svg {{ display: block; width: 100%; height: auto; }}
.{ROOT} .mas-main {{
  display: grid; grid-template-columns: 3fr 2fr; column-gap: 16px; overflow: hidden;
}}
.{ROOT} .mas-more {{
  display: grid; overflow: hidden; column-gap: 10px;
  grid-template-columns: 1.15fr 1.6fr 1.05fr 1.15fr 0.75fr 0.65fr;
}}
.{ROOT} .mas-state {{
  display: grid; grid-template-columns: minmax(0, 11fr) minmax(0, 12fr); column-gap: 12px;
  overflow: hidden;
}}
.{ROOT} .mas-how, .{ROOT} .mas-block {{ display: block; overflow: hidden; }}
.{ROOT} .mas-buttons {{ display: flex; align-items: center; overflow: hidden; height: 34px; }}
.{ROOT} .mas-buttons .widget-button {{ flex: 0 1 96px; width: 96px; }}
.{ROOT} .mas-buttons .widget-hprogress {{ flex: 1 1 60px; min-width: 0; }}
.{ROOT} .mas-pictures {{
  display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 352px); column-gap: 18px;
  overflow: hidden;
}}
.{ROOT} .mas-below {{ display: flex; overflow: hidden; align-items: center; }}
.{ROOT} .mas-below > .mas-tools {{ flex: 1 1 60px; min-width: 0; display: flex; }}
.{ROOT} .mas-below > :last-child {{ flex: 0 0 160px; margin-left: auto; }}
.{ROOT} .mas-tools > .widget-slider {{ flex: 1 1 60px; min-width: 0; max-width: 420px; }}
.{ROOT} .mas-hero {{ display: block; position: relative; overflow: hidden; }}
.{ROOT} .mas-pad {{ position: absolute; left: 0; top: 7%; width: 28%; margin: 0; }}
.{ROOT} .mas-pad canvas {{
  display: block; width: 100%; background: white; cursor: crosshair; touch-action: none;
  box-sizing: border-box; border: 1px solid var(--mas-muted, #5f5f5f);
}}
.{ROOT} .mas-side {{ display: grid; overflow: hidden; align-content: start; }}
.{ROOT} .mas-omega {{ display: flex; overflow: hidden; }}
.{ROOT} .mas-omega > * {{ flex: 1 1 50px; min-width: 0; }}
.{ROOT} .mas-omega > :first-child {{ flex-grow: 1.6; }}
.{ROOT} .mas-omega > .widget-checkbox {{ flex: 0 0 46px; }}
.{ROOT} .mas-more > *, .{ROOT} .mas-main > * {{ min-width: 0; }}
.{ROOT} .mas-line {{
  height: 20px; line-height: 20px; overflow: hidden; white-space: nowrap; text-overflow: ellipsis;
  font-size: 13px;
}}
.{ROOT} .mas-hint {{ color: var(--mas-muted, #5f5f5f); font-size: 12px; }}
.{ROOT} .mas-strong {{ font-weight: 600; }}
.{ROOT} .mas-numbers {{ display: grid; grid-template-columns: repeat(3, 1fr); height: 78px; }}
.{ROOT} .mas-numbers b {{
  display: block; font-size: 32px; line-height: 36px; font-weight: 650;
}}
.{ROOT} .mas-numbers span {{
  display: block; font-size: 13px; line-height: 18px; font-weight: 600;
}}
.{ROOT} .mas-numbers i {{
  display: block; font-size: 12px; line-height: 18px; font-style: normal; white-space: nowrap;
  color: var(--mas-muted, #5f5f5f);
}}
.{ROOT} .mas-fold summary {{ cursor: pointer; color: var(--mas-muted, #5f5f5f); font-size: 12px; }}
.{ROOT} .mas-folded {{ display: none !important; }}
.{ROOT}:has(.mas-fold-words details[open]) .mas-folded-words,
.{ROOT}:has(.mas-fold-code details[open]) .mas-folded-code {{ display: block !important; }}
.{ROOT} .mas-foot {{
  display: flex; flex-wrap: wrap; align-items: center; column-gap: 6px; overflow: hidden;
}}
.{ROOT} .mas-foot .mas-fold {{ margin-right: 10px; }}
.{ROOT} .mas-foot .widget-button {{
  line-height: 24px; padding: 0 8px; font-size: 12px; margin: 1px;
}}
.{ROOT} .mas-saved {{ flex: 1 1 110px; min-width: 0; }}
.{ROOT} .mas-saved .widget-html-content {{
  overflow: hidden; white-space: nowrap; text-overflow: ellipsis; font-size: 12px;
}}
.{ROOT} .mas-saved a {{ color: var(--jp-content-link-color, #0b57d0); }}
.{ROOT} .{svg.PICKER} {{ cursor: pointer; }}
.{ROOT} .mas-folded .widget-html-content {{ white-space: normal; font-size: 13px; }}
@container (max-width: 820px) {{
  .{ROOT} .mas-main, .{ROOT} .mas-pictures, .{ROOT} .mas-state {{
    grid-template-columns: minmax(0, 1fr); gap: 0;
  }}
  .{ROOT} .mas-side {{
    grid-template-columns: repeat(auto-fit, minmax(260px, 1fr)); column-gap: 16px;
  }}
  .{ROOT} .mas-more {{ grid-template-columns: repeat(3, minmax(0, 1fr)); }}
}}
@container (max-width: 520px) {{
  .{ROOT} .mas-more {{ grid-template-columns: repeat(2, minmax(0, 1fr)); }}
}}
.{STAGE} .mas-numbers {{ height: auto; text-align: center; }}
.{STAGE} .mas-numbers b {{ font-size: clamp(40px, 11vh, 110px); line-height: 1.1; }}
.{STAGE} .mas-numbers span {{ font-size: 22px; line-height: 28px; }}
.{STAGE} .mas-numbers i {{ font-size: clamp(11px, 2.2cqw, 18px); line-height: 26px; }}
.{STAGE} .widget-label, .{STAGE} .widget-readout {{ font-size: 22px !important; }}
.{STAGE} .widget-label {{ width: auto !important; min-width: 40px; }}
.{STAGE} .mas-block svg {{ height: calc(86vh - 250px); min-height: 140px; }}
</style>"""
