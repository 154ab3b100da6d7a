"""Reports of research: documents written as Markdown and as one self-contained HTML file."""
