using System.Text;

namespace AdminPortal.Platform;

/// <summary>Writes curl commands for people to read and to copy: a word stands in place of every secret.</summary>
internal static class CurlCommand
{
    public const string UserSecret = "YOUR_USER_SECRET";
    public const string OrganizationSecret = "YOUR_ORGANIZATION_SECRET";
    public const string ElementToken = "YOUR_ELEMENT_TOKEN";

    /// <summary>The command for one request.</summary>
    /// <param name="method">The method.</param>
    /// <param name="url">The whole address.</param>
    /// <param name="withToken">Whether the instance's token is sent along.</param>
    /// <param name="headers">Other headers; the one of a JSON body is added.</param>
    /// <param name="body">JSON, or null.</param>
    public static string Write(string method, string url, bool withToken = false, IReadOnlyList<KeyValuePair<string, string>>? headers = null, string? body = null)
    {
        var command = new StringBuilder("curl ");
        _ = method switch
        {
            "GET" => command,
            "HEAD" => command.Append("--head "),
            _ => command.Append("-X ").Append(method).Append(' '),
        };
        command.Append(Quote(url));
        Add("-H", $"Authorization: User {UserSecret}, Organization {OrganizationSecret}" + (withToken ? $", Element {ElementToken}" : ""));
        foreach (var (name, value) in headers ?? []) Add("-H", $"{name}: {value}");
        if (body is not null)
        {
            Add("-H", "Content-Type: application/json");
            Add("-d", body);
        }

        return command.ToString();

        void Add(string option, string value) => command.Append(" \\\n  ").Append(option).Append(' ').Append(Quote(value));
    }

    // A single quote ends a shell string; it is closed, escaped and opened again.
    private static string Quote(string text) => $"'{text.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
