using System.Text;
using Markdig;
using Markdig.Extensions.AutoIdentifiers;
using Markdig.Extensions.Tables;
using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Renderers.Html.Inlines;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;
using Microsoft.AspNetCore.Components;

namespace AdminPortal.Features.Help;

/// <summary>Makes pages out of Markdown.</summary>
internal static class HelpMarkdown
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder()
        .DisableHtml()
        .UsePipeTables()
        .UseAutoIdentifiers(AutoIdentifierOptions.GitHub)
        .Build();

    /// <summary>Reads a file whose first block is its title.</summary>
    /// <exception cref="InvalidDataException">It has no title.</exception>
    public static HelpDocument Read(string name, string text)
    {
        var document = Markdown.Parse(text, Pipeline);
        if (document.FirstOrDefault() is not HeadingBlock { Level: 1 } title) throw new InvalidDataException($"Help/{name}.md does not begin with its title.");
        document.RemoveAt(0);
        string? lead = null;
        if (document.FirstOrDefault() is ParagraphBlock paragraph)
        {
            lead = Plain(paragraph);
            document.RemoveAt(0);
        }

        return new HelpDocument(name, Plain(title), lead, Sections(document), new MarkupString(Render(document)));
    }

    private static string Render(MarkdownDocument document)
    {
        using var html = new StringWriter();
        var renderer = new HtmlRenderer(html);
        Pipeline.Setup(renderer);
        renderer.ObjectRenderers.ReplaceOrAdd<HtmlTableRenderer>(new FramedTable());
        renderer.ObjectRenderers.ReplaceOrAdd<CodeInlineRenderer>(new BreakableCode());
        _ = renderer.Render(document);
        return html.ToString();
    }

    private static List<HelpSection> Sections(MarkdownDocument document) =>
        [.. document.OfType<HeadingBlock>().Where(heading => heading.Level == 2).Select(heading => new HelpSection(heading.GetAttributes().Id!, Plain(heading)))];

    private static string Plain(LeafBlock block)
    {
        var text = new StringBuilder();
        foreach (var part in block.Inline?.Descendants() ?? [])
        {
            _ = part switch
            {
                LiteralInline literal => text.Append(literal.Content.AsSpan()),
                CodeInline code => text.Append(code.Content),
                LineBreakInline => text.Append(' '),
                _ => text,
            };
        }

        return text.ToString();
    }

    /// <summary>Names in code may be broken where their parts meet: some are longer than a cell is wide.</summary>
    private sealed class BreakableCode : CodeInlineRenderer
    {
        protected override void Write(HtmlRenderer renderer, CodeInline code)
        {
            _ = renderer.Write("<code>");
            foreach (var sign in code.Content)
            {
                _ = renderer.WriteEscape(sign.ToString());
                if (sign is '.' or '_' or '/' or ':') _ = renderer.Write("<wbr />");
            }

            _ = renderer.Write("</code>");
        }
    }

    /// <summary>
    /// A table within a frame of its own, so that on a narrow screen the frame scrolls and not the page. It takes the focus,
    /// for those who scroll with the keyboard, and is named by the heading that it stands under.
    /// </summary>
    private sealed class FramedTable : HtmlTableRenderer
    {
        protected override void Write(HtmlRenderer renderer, Table table)
        {
            _ = renderer.Write("<div class=\"table-frame\" tabindex=\"0\" role=\"group\" aria-label=\"").WriteEscape(HeadingOf(table)).WriteLine("\">");
            base.Write(renderer, table);
            _ = renderer.WriteLine("</div>");
        }

        private static string HeadingOf(Table table) =>
            table.Parent!.TakeWhile(block => block != table).OfType<HeadingBlock>().LastOrDefault() is { } heading ? Plain(heading) : "";
    }
}
