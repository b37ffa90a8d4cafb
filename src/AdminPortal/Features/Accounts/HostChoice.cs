using System.Text.RegularExpressions;
using AdminPortal.Provisioning.Accounts;

namespace AdminPortal.Features.Accounts;

/// <summary>Turns the choice of a known host into a base URL, and a base URL back into the choice.</summary>
internal static partial class HostChoice
{
    /// <summary>Stands in a preset where the person fills in a region.</summary>
    private const string RegionMark = "{region}";

    /// <summary>Whether the preset needs a region.</summary>
    public static bool NeedsRegion(HostPreset? preset) => preset?.BaseUrl.Contains(RegionMark, StringComparison.Ordinal) == true;

    /// <summary>The region as it stands in host names: trimmed and in lower case.</summary>
    public static string CleanRegion(string? region) => (region ?? "").Trim().ToLowerInvariant();

    /// <summary>Whether the region has the form that such names have: letters and digits.</summary>
    public static bool IsRegion(string region) => RegionForm().IsMatch(region);

    /// <summary>The preset's base URL; empty while the region it needs is missing or has another form.</summary>
    public static string BaseUrl(HostPreset preset, string region) => (NeedsRegion(preset), IsRegion(region)) switch
    {
        (false, _) => preset.BaseUrl,
        (true, true) => preset.BaseUrl.Replace(RegionMark, region, StringComparison.Ordinal),
        (true, false) => "",
    };

    /// <summary>The preset that this address comes from, and its region; null for any other address.</summary>
    public static (HostPreset? Preset, string Region) Match(string baseUrl)
    {
        foreach (var preset in HostPreset.All)
        {
            if (baseUrl == preset.BaseUrl) return (preset, "");
            if (!NeedsRegion(preset)) continue;

            var parts = preset.BaseUrl.Split(RegionMark);
            if (baseUrl.Length <= parts[0].Length + parts[1].Length
                || !baseUrl.StartsWith(parts[0], StringComparison.Ordinal)
                || !baseUrl.EndsWith(parts[1], StringComparison.Ordinal))
                continue;
            var region = baseUrl[parts[0].Length..^parts[1].Length];
            if (IsRegion(region)) return (preset, region);
        }

        return (null, "");
    }

    [GeneratedRegex(@"\A[a-z0-9]{1,20}\z")]
    private static partial Regex RegionForm();
}
