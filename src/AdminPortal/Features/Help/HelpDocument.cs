using Microsoft.AspNetCore.Components;

namespace AdminPortal.Features.Help;

/// <summary>A help page, ready to be shown.</summary>
/// <param name="Name">The last part of its address: the file's name without its ending.</param>
/// <param name="Title">Its first heading.</param>
/// <param name="Lead">The paragraph under that, as plain text; null where there is none.</param>
/// <param name="Sections">The headings of the second order.</param>
/// <param name="Body">The rest as HTML. It is made of a file of the program alone, in which HTML is text.</param>
internal sealed record HelpDocument(string Name, string Title, string? Lead, IReadOnlyList<HelpSection> Sections, MarkupString Body)
{
    /// <summary>The page's address.</summary>
    public string Address => $"/help/{Name}";
}
