using System.Text.Encodings.Web;

namespace AdminPortal.Sandbox.Pages;

/// <summary>The frame of every page of the sandbox.</summary>
internal static class Html
{
    public static string Encode(string? text) => HtmlEncoder.Default.Encode(text ?? string.Empty);

    /// <param name="title">Plain text.</param>
    /// <param name="main">The <c>main</c> element, as markup: everything foreign in it is encoded already.</param>
    /// <param name="status">The HTTP status.</param>
    public static IResult Page(string title, string main, int status = StatusCodes.Status200OK) => new HtmlPage(title, main, status);

    public static string Hidden(string name, string? value) =>
        $"""<input type="hidden" name="{Encode(name)}" value="{Encode(value)}">""";
}
