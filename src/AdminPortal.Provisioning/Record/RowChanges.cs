using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Secrets;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore.ChangeTracking;

namespace AdminPortal.Provisioning.Record;

/// <summary>What is about to be saved of a row that was read and changed: before and after, for its line in the record.</summary>
internal static class RowChanges
{
    /// <summary>The changes of an instance, as far as people know its fields.</summary>
    public static FieldChanges Of(EntityEntry<ElementInstance> entry)
    {
        var now = entry.Entity;
        var before = entry.OriginalValues;
        return new FieldChanges()
            .Add("Name", before.GetValue<string>(nameof(ElementInstance.Name)), now.Name)
            .Add("Tags", Tags(before.GetValue<List<string>>(nameof(ElementInstance.Tags))), Tags(now.Tags))
            .Add("State", before.GetValue<InstanceState>(nameof(ElementInstance.State)).ToString(), now.State.ToString())
            .Add("AccountServer", before.GetValue<string?>(nameof(ElementInstance.AccountServer)), now.AccountServer)
            .Secret("Token", before.GetValue<Sealed>(nameof(ElementInstance.Token)) != now.Token);
    }

    /// <summary>The changes of a draft.</summary>
    public static FieldChanges Of(EntityEntry<ProvisioningAttempt> entry)
    {
        var now = entry.Entity;
        var before = entry.OriginalValues;
        var changes = new FieldChanges()
            .Add("Name", before.GetValue<string>(nameof(ProvisioningAttempt.Name)), now.Name)
            .Add("Tags", Tags(before.GetValue<List<string>>(nameof(ProvisioningAttempt.Tags))), Tags(now.Tags))
            .Add("Element", before.GetValue<string>(nameof(ProvisioningAttempt.ElementKey)), now.ElementKey)
            .Add("PlatformAccount", before.GetValue<Guid>(nameof(ProvisioningAttempt.PlatformAccountId)).ToString(), now.PlatformAccountId.ToString())
            .Add("ProviderApp", before.GetValue<Guid?>(nameof(ProvisioningAttempt.ProviderAppId))?.ToString(), now.ProviderAppId?.ToString());

        var plain = before.GetValue<Dictionary<string, string>>(nameof(ProvisioningAttempt.Configuration));
        foreach (var key in plain.Keys.Union(now.Configuration.Keys).Order(StringComparer.Ordinal))
            changes.Add(key, plain.GetValueOrDefault(key), now.Configuration.GetValueOrDefault(key));
        var secrets = before.GetValue<Dictionary<string, Sealed>>(nameof(ProvisioningAttempt.SealedConfiguration));
        foreach (var key in secrets.Keys.Union(now.SealedConfiguration.Keys).Order(StringComparer.Ordinal))
            changes.Secret(key, secrets.GetValueOrDefault(key) != now.SealedConfiguration.GetValueOrDefault(key));
        return Add(changes, before.GetValue<EventSettings?>(nameof(ProvisioningAttempt.Events)), now.Events);
    }

    /// <summary>Adds what changes of polling events.</summary>
    public static FieldChanges Add(FieldChanges changes, EventSettings? before, EventSettings? after) => changes
        .Add("Events", before?.Enabled, after?.Enabled)
        .Add("EventCallbackUrl", before?.CallbackUrl, after?.CallbackUrl)
        .Add("EventMinutes", before?.Minutes, after?.Minutes)
        .Add("EventResources", before?.Resources, after?.Resources)
        .Add("PollerConfiguration", before?.PollerConfiguration, after?.PollerConfiguration);

    // What could not be read is not said to have been empty.
    private static List<string>? Tags(List<string> tags) => Unreadable.Is((object)tags) ? null : tags;
}
