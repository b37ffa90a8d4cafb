using System.Security.Cryptography;
using System.Text;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Sync;
using AdminPortal.Storage;

namespace AdminPortal.Provisioning.Instances;

/// <summary>What differs between an instance and its row in a listing, field by field.</summary>
internal static class SyncDifferences
{
    public const string Name = "Name";
    public const string Tags = "Tags";
    public const string State = "State";
    public const string AccountServer = "AccountServer";

    /// <summary>The fields that differ, platform against portal; what the listing did not tell differs from nothing.</summary>
    public static List<DriftField> Between(Side platform, Side portal)
    {
        var fields = new List<DriftField>();
        if (platform.Name is { Length: > 0 } name && name != portal.Name) fields.Add(new DriftField(Name, name, portal.Name));
        if (platform.Tags is { } tags && !tags.ToHashSet(StringComparer.Ordinal).SetEquals(portal.Tags ?? []))
            fields.Add(new DriftField(Tags, TagText(tags), TagText(portal.Tags ?? [])));
        if (IsOn(platform.State, ofPlatform: true) is { } on && IsOn(portal.State, ofPlatform: false) is { } here && on != here)
            fields.Add(new DriftField(State, StateText(on), StateText(here)));
        if (platform.AccountServer is { } server && !string.Equals(server, portal.AccountServer, StringComparison.OrdinalIgnoreCase))
            fields.Add(new DriftField(AccountServer, server, portal.AccountServer));
        return fields;
    }

    /// <summary>What stands for the differences: an item that was set aside stays so while it is the same.</summary>
    public static string Fingerprint(List<DriftField> fields) =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(JsonColumn.Write(fields))));

    /// <summary>
    /// On or off, as far as that can differ. An instance here that needs attention or is missing is neither: what is
    /// wrong with it is not for a sync to decide. On the platform, one that is not valid is still switched on.
    /// </summary>
    public static bool? IsOn(InstanceState state, bool ofPlatform) => state switch
    {
        InstanceState.Active => true,
        InstanceState.Disabled => false,
        _ => ofPlatform ? true : null,
    };

    private static string StateText(bool on) => on ? nameof(InstanceState.Active) : nameof(InstanceState.Disabled);

    // In one order, so that the same tags are the same text.
    private static string TagText(IReadOnlyList<string> tags) => string.Join(", ", tags.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

    /// <summary>One side of the comparison.</summary>
    public sealed record Side(string Name, IReadOnlyList<string>? Tags, InstanceState State, string? AccountServer)
    {
        public static Side Of(ElementInstance instance) => new(instance.Name, instance.Tags, instance.State, instance.AccountServer);

        public static Side Of(SyncRow row) => new(row.Name, row.Tags, row.State, row.AccountServer);
    }
}
