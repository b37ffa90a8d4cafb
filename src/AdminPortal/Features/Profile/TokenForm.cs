using System.Globalization;
using AdminPortal.Domain.ApiTokens;
using AdminPortal.Provisioning.ApiTokens;

namespace AdminPortal.Features.Profile;

/// <summary>What the form for a token asks; a plain form post.</summary>
public sealed class TokenForm
{
    /// <summary>The times that are offered, in days.</summary>
    public static IReadOnlyList<int> Choices { get; } = [1, 7, 30, 90, 180, ApiTokenInput.MaxDays];

    public string Name { get; set; } = "";

    public string Days { get; set; } = "90";

    public bool Read { get; set; }

    public bool Check { get; set; }

    public bool Edit { get; set; }

    public bool Connect { get; set; }

    /// <summary>As the service takes it.</summary>
    public ApiTokenInput ToInput() => new()
    {
        Name = Name ?? "",
        Days = int.TryParse(Days, NumberStyles.None, CultureInfo.InvariantCulture, out var days) ? days : 0,
        Scopes = [.. ApiScopes.All.Where(scope => scope switch { ApiScope.Read => Read, ApiScope.Check => Check, ApiScope.Edit => Edit, _ => Connect })],
    };
}
