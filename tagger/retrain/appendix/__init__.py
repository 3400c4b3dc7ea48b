"""The methods appendix: what has to be published with tagged cases, as one content that is rendered to Markdown, HTML and DOCX."""
