using System.Globalization;
using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Text;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Access;
using AdminPortal.Provisioning.Elements;
using AdminPortal.Provisioning.Shared;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Instances;

/// <summary>An instance's configuration, as <c>GET /instances/{id}/configuration</c> offers it: read, and changed one entry at a time.</summary>
public sealed class InstanceConfigurationService(
    InstanceWork work,
    IElementsPlatform platform,
    ElementCatalog catalog,
    FieldCheck fieldCheck,
    PlatformProblems problems,
    PortalAddresses addresses,
    IStringLocalizer<ProvisioningText> texts,
    Gate gate)
{
    /// <summary>The field that problems with a value point at.</summary>
    public const string ValueField = "Value";

    /// <summary>More entries than an element could have; what is beyond is not shown.</summary>
    private const int MaxEntries = 500;

    private const string CallbackUrlKey = "event.notification.callback.url";
    private const string MinutesKey = "event.poller.refresh_interval";

    /// <summary>Reads all entries from the platform, in the order in which they are shown.</summary>
    public Task<Result<IReadOnlyList<ConfigurationItem>>> ListAsync(Guid id, CancellationToken cancellationToken) =>
        work.AskAsync<IReadOnlyList<ConfigurationItem>>(id, async (account, instance) =>
        {
            var outcome = await platform.GetConfigurationAsync(account, instance.PlatformId, cancellationToken).ConfigureAwait(false);
            if (outcome is not PlatformOutcome<IReadOnlyList<InstanceConfigurationEntry>>.Success success) return problems.From(outcome);
            return success.Value.Take(MaxEntries).Select(ConfigurationItem.From)
                .OrderBy(item => item.Group).ThenBy(item => item.Hidden).ThenBy(item => item.Name, StringComparer.OrdinalIgnoreCase).ThenBy(item => item.EntryId)
                .ToArray();
        }, cancellationToken);

    /// <summary>Saves one entry on the platform.</summary>
    /// <param name="id">The instance.</param>
    /// <param name="item">The entry, as <see cref="ListAsync"/> gave it.</param>
    /// <param name="value">The new value; for a <see cref="ConfigurationKind.Boolean"/> "true" or "false".</param>
    /// <param name="actor">Who saves it.</param>
    /// <param name="cancellationToken">Gives up before anything was sent.</param>
    /// <returns>The entry as the platform has it now.</returns>
    public async Task<Result<ConfigurationItem>> SaveAsync(Guid id, ConfigurationItem item, string value, Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.ChangeInstances, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        if (!TryRead(item, value, out var sent, out var sentence)) return new Problem(ProblemKind.Invalid, sentence, ValueField);

        return await work.ChangeAsync<ConfigurationItem>(id, actor, ActivityAction.ConfigurationChanged, item.Key, async (account, instance) =>
        {
            var outcome = await platform.SetConfigurationAsync(account, instance.PlatformId, item.EntryId, sent, cancellationToken).ConfigureAwait(false);
            if (outcome is not PlatformOutcome<InstanceConfigurationEntry>.Success success) return problems.From(outcome);
            if (item.Key == ElementCatalog.ServerKey) instance.AccountServer = sent;
            if (item.Key == ElementCatalog.EncryptedKeyKey) instance.HasLegacyKey = true;
            // The answer may leave out what has not changed; a secret comes back masked, or in clear and is dropped.
            return item with { Value = item.Kind == ConfigurationKind.Secret ? "" : ConfigurationItem.From(success.Value with { Key = item.Key }).Value, HasValue = sent.Length > 0 };
        }, cancellationToken, () => Changes(item, sent)).ConfigureAwait(false);
    }

    private static FieldChanges Changes(ConfigurationItem item, string sent) =>
        item.Kind == ConfigurationKind.Secret ? new FieldChanges().Secret(item.Key, true) : new FieldChanges().Add(item.Key, item.Value, sent);

    private bool TryRead(ConfigurationItem item, string input, out string value, out string problem)
    {
        value = item.Kind is ConfigurationKind.LongText or ConfigurationKind.Code ? input.ReplaceLineEndings("\n").Trim() : input.Trim();
        problem = Explain(item, ref value) ?? "";
        return problem.Length == 0;
    }

    private string? Explain(ConfigurationItem item, ref string value)
    {
        if (item.Kind == ConfigurationKind.Managed) return texts["Configuration.Managed"];
        // Stars are what the platform shows in a secret's place; written back, they might become the secret.
        if (value.Length >= 4 && value.All(letter => letter is '*' or '•')) return texts["Configuration.Mask"];
        if (item.Kind == ConfigurationKind.Secret && value.Length == 0) return texts["Configuration.Kept"];
        if (item.Kind == ConfigurationKind.Boolean)
        {
            var isOn = value.Equals("true", StringComparison.OrdinalIgnoreCase);
            // In the words that the entry has now.
            var saysYes = item.Value.Equals("yes", StringComparison.OrdinalIgnoreCase) || item.Value.Equals("no", StringComparison.OrdinalIgnoreCase);
            value = (isOn, saysYes) switch { (true, true) => "Yes", (false, true) => "No", (true, false) => "true", (false, false) => "false" };
            return null;
        }

        if (value.Length == 0) return item.Required ? texts["Configuration.Required", item.Name].Value : null;
        if (value.Length > item.MaxLength) return texts["Rule.TooLong", item.Name, item.MaxLength];
        var lines = item.Kind is ConfigurationKind.LongText or ConfigurationKind.Code ? value.Replace("\n", "", StringComparison.Ordinal).Replace("\t", "", StringComparison.Ordinal) : value;
        if (Rules.HasControls(lines)) return texts["Rule.Control", item.Name];

        switch (item.Key)
        {
            case EventConfiguration.Poller:
                return PollerJson.Explain(value, texts);
            case CallbackUrlKey:
                return WebAddress.TryParse(value, addresses.AllowLoopbackHttp, out _, out var problem) ? null : texts[$"Address.{problem}"].Value;
            case MinutesKey:
                return int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var minutes) && minutes is >= EventSettings.MinMinutes and <= EventSettings.MaxMinutes
                    ? null
                    : texts["Events.Minutes", EventSettings.MinMinutes, EventSettings.MaxMinutes].Value;
            default:
                // What the portal knows of the element's own fields holds here too, and brings the value into its one form.
                var field = catalog.All.Select(element => element.Field(item.Key)).FirstOrDefault(known => known is not null);
                return field is null || fieldCheck.TryRead(field, value, out value, out var wrong) ? null : wrong!.Message;
        }
    }
}
