"""The notebooks as HTML pages, run, and readable without a network: `make site`.

execute ──> stills ──> body ──> pages ──> fit ──> site/
run it      widgets    HTML,    layout,   nothing from elsewhere,
            hold still MathML   gallery   every picture has its alt text

frames: the playground's pictures for several λ, which the start page's slider chooses among
"""
