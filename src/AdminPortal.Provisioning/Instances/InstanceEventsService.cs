using System.Globalization;
using System.Text.Json.Nodes;
using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Text;
using AdminPortal.Platform;
using AdminPortal.Provisioning.Access;
using AdminPortal.Provisioning.Elements;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Shared;
using FluentValidation;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Instances;

/// <summary>An instance's polling events: read from its configuration, and saved in one call (platform contract, section 3).</summary>
public sealed class InstanceEventsService(
    InstanceWork work,
    IElementsPlatform platform,
    ElementCatalog catalog,
    IValidator<EventSettings> validator,
    PlatformProblems problems,
    IStringLocalizer<ProvisioningText> texts,
    Gate gate)
{
    /// <summary>Reads what the platform has; a problem where the element has no events.</summary>
    public Task<Result<InstanceEvents>> ReadAsync(Guid id, CancellationToken cancellationToken) =>
        work.AskAsync<InstanceEvents>(id, async (account, instance) =>
        {
            if (catalog.Find(instance.ElementKey)?.Events is not { } support) return NoEvents();
            var outcome = await platform.GetAsync(account, instance.PlatformId, cancellationToken).ConfigureAwait(false);
            return outcome is PlatformOutcome<PlatformInstance>.Success success ? Read(support, success.Value.Configuration) : problems.From(outcome);
        }, cancellationToken);

    /// <summary>Saves the events with one <c>PATCH /instances/{id}</c>.</summary>
    /// <param name="id">The instance.</param>
    /// <param name="before">The events as they were shown before; for the record alone.</param>
    /// <param name="settings">What is wanted. Switched off, nothing else is sent, so that the rest is there when they are switched on again.</param>
    /// <param name="signatureKey">The key that signs notifications; empty keeps what is stored.</param>
    /// <param name="actor">Who saves it.</param>
    /// <param name="cancellationToken">Gives up before anything was sent.</param>
    /// <returns>The events as the platform has them now.</returns>
    public async Task<Result<InstanceEvents>> SaveAsync(Guid id, EventSettings? before, EventSettings settings, string signatureKey, Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.ChangeInstances, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        signatureKey = signatureKey.Trim();
        settings = settings with { CallbackUrl = settings.CallbackUrl.Trim(), PollerConfiguration = settings.PollerConfiguration.Trim() };
        if (settings.Enabled && validator.Check(settings) is { Length: > 0 } invalid) return invalid;
        if (settings.Enabled && SignatureKeyRule.Explain(signatureKey, texts) is { } wrong) return new Problem(ProblemKind.Invalid, wrong, SignatureKeyRule.Field);

        return await work.ChangeAsync<InstanceEvents>(id, actor, ActivityAction.EventsChanged, settings.Enabled ? texts["Events.On"] : texts["Events.Off"], async (account, instance) =>
        {
            if (catalog.Find(instance.ElementKey)?.Events is not { } support) return NoEvents();
            var outcome = await platform.ConfigureAsync(account, instance.PlatformId, EventConfiguration.Write(support, settings, signatureKey), cancellationToken).ConfigureAwait(false);
            if (outcome is not PlatformOutcome<PlatformInstance>.Success success) return problems.From(outcome);
            // An answer without configuration says only that it was done.
            var read = success.Value.Configuration.ContainsKey(EventConfiguration.Enabled)
                ? Read(support, success.Value.Configuration)
                : new InstanceEvents(support, settings, false);
            return settings.Enabled && signatureKey.Length > 0 ? read with { HasSignatureKey = true } : read;
        }, cancellationToken, Changes).ConfigureAwait(false);

        // Switched off, nothing else is sent.
        FieldChanges Changes() => settings.Enabled
            ? RowChanges.Add(new FieldChanges(), before, settings).Secret(SignatureKey.Key, signatureKey.Length > 0)
            : new FieldChanges().Add("Events", before?.Enabled, settings.Enabled);
    }

    private static InstanceEvents Read(EventSupport support, IReadOnlyDictionary<string, string?> configuration)
    {
        var (resources, json) = ReadPoller(support, configuration.GetValueOrDefault(EventConfiguration.Poller));
        var minutes = int.TryParse(configuration.GetValueOrDefault(EventConfiguration.Minutes), NumberStyles.None, CultureInfo.InvariantCulture, out var told)
            && told is >= EventSettings.MinMinutes and <= EventSettings.MaxMinutes ? told : new EventSettings().Minutes;
        return new InstanceEvents(
            support,
            new EventSettings
            {
                Enabled = string.Equals(configuration.GetValueOrDefault(EventConfiguration.Enabled), "true", StringComparison.OrdinalIgnoreCase),
                CallbackUrl = OutsideText.Clean(configuration.GetValueOrDefault(EventConfiguration.CallbackUrl), WebAddress.MaxLength) ?? "",
                Minutes = minutes,
                Resources = resources,
                PollerConfiguration = json,
            },
            !string.IsNullOrEmpty(configuration.GetValueOrDefault(SignatureKey.Key)));
    }

    /// <summary>Which resources a poller configuration names, and its text where it is not just their defaults.</summary>
    private static (IReadOnlyList<string> Resources, string Json) ReadPoller(EventSupport support, string? text)
    {
        if (PollerJson.Read(text) is not { } poller)
        {
            // Not an object: shown as it is, so that a person can mend it.
            return ([], OutsideText.CleanLines(text, EventSettings.MaxPollerConfigurationLength));
        }

        var resources = support.Resources.Select(resource => resource.Name).Where(poller.ContainsKey).ToArray();
        return JsonNode.DeepEquals(poller, support.PollerConfiguration(resources))
            ? (resources, "")
            : (resources, OutsideText.CleanLines(EventSupport.Write(poller), EventSettings.MaxPollerConfigurationLength));
    }

    private Problem NoEvents() => new(ProblemKind.NotNow, texts["Events.None"]);
}
