using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Components;
using QRCoder;

namespace AdminPortal.Features.Profile;

/// <summary>Draws a QR code into the page: no picture is asked for, so that what it says stays in the answer that holds it.</summary>
internal static class QrCode
{
    /// <summary>The code as SVG; dark on light in both themes, as cameras want it.</summary>
    /// <param name="text">What it says.</param>
    /// <param name="label">What a screen reader calls it.</param>
    public static MarkupString Draw(string text, string label)
    {
        using var data = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M);
        var rows = data.ModuleMatrix;
        var path = new StringBuilder();
        for (var y = 0; y < rows.Count; y++)
        {
            for (var x = 0; x < rows[y].Length; x++)
            {
                if (rows[y][x]) path.Append(CultureInfo.InvariantCulture, $"M{x} {y}h1v1h-1z");
            }
        }

        return new MarkupString(
            $"""<svg class="qr" role="img" aria-label="{HtmlEncoder.Default.Encode(label)}" viewBox="0 0 {rows.Count} {rows.Count}" shape-rendering="crispEdges"><path d="{path}"></path></svg>""");
    }
}
