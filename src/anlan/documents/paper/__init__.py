"""Official papers: one content, from which the Word file, the PDF and the text for a phone message are made."""
