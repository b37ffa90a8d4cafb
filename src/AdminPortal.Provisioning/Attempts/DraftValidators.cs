using System.Text.Json;
using System.Text.Json.Nodes;
using AdminPortal.Provisioning.Elements;
using FluentValidation;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Attempts;

internal sealed class ElementChoiceValidator : AbstractValidator<ElementChoice>
{
    public ElementChoiceValidator(IStringLocalizer<ProvisioningText> texts, ElementCatalog catalog)
    {
        RuleFor(choice => choice.ElementKey).Must(key => catalog.Find(key) is not null).WithMessage(_ => texts["Draft.Element"]);
        RuleFor(choice => choice.PlatformAccountId).NotNull().WithMessage(_ => texts["Draft.Account"]);
    }
}

internal sealed class ProviderChoiceValidator : AbstractValidator<ProviderChoice>
{
    public ProviderChoiceValidator(IStringLocalizer<ProvisioningText> texts) =>
        RuleFor(choice => choice.ProviderAppId).NotNull().WithMessage(_ => texts["Draft.App"]);
}

internal sealed class InstanceOptionsValidator : AbstractValidator<InstanceOptions>
{
    public InstanceOptionsValidator(IStringLocalizer<ProvisioningText> texts, IValidator<EventSettings> events)
    {
        RuleLevelCascadeMode = CascadeMode.Stop;
        RuleFor(options => options.Name).RequiredText(texts, texts["Instance.Name"], InputRules.MaxInstanceNameLength);
        RuleFor(options => options.Tags).TagList(texts);
        RuleFor(options => options.Events!).SetValidator(events).When(options => options.Events is { Enabled: true });
    }
}

internal sealed class EventSettingsValidator : AbstractValidator<EventSettings>
{
    // What is sent may be nested 32 levels deep, and an entry needs three.
    private static readonly JsonDocumentOptions Shallow = new() { MaxDepth = 16 };

    public EventSettingsValidator(IStringLocalizer<ProvisioningText> texts, PortalAddresses addresses)
    {
        RuleLevelCascadeMode = CascadeMode.Stop;
        RuleFor(events => events.CallbackUrl)
            .RequiredText(texts, texts["Events.CallbackUrl"], WebAddress.MaxLength)
            .Custom((url, context) =>
            {
                if (!WebAddress.TryParse(url, addresses.AllowLoopbackHttp, out var _, out var problem))
                    context.AddFailure(texts[$"Address.{problem}"]);
            });
        RuleFor(events => events.Minutes)
            .InclusiveBetween(EventSettings.MinMinutes, EventSettings.MaxMinutes)
            .WithMessage(_ => texts["Events.Minutes", EventSettings.MinMinutes, EventSettings.MaxMinutes]);
        RuleFor(events => events.Resources)
            .Must((events, resources) => resources.Count > 0 || events.PollerConfiguration.Length > 0).WithMessage(_ => texts["Events.Resources"]);
        RuleFor(events => events.PollerConfiguration)
            .Must(json => json.Length <= EventSettings.MaxPollerConfigurationLength)
            .WithMessage(_ => texts["Rule.TooLong", texts["Events.Json"], EventSettings.MaxPollerConfigurationLength])
            .Custom((json, context) =>
            {
                if (json.Length > 0 && Explain(json, texts) is { } problem) context.AddFailure(problem);
            });
    }

    private static string? Explain(string json, IStringLocalizer<ProvisioningText> texts)
    {
        try
        {
            if (JsonNode.Parse(json, documentOptions: Shallow) is not JsonObject { Count: > 0 } resources) return texts["Events.Json.NotAnObject"].Value;
            var bare = resources.FirstOrDefault(resource => resource.Value is not JsonObject entry || !entry.ContainsKey("url"));
            if (bare.Key is not null) return texts["Events.Json.NoUrl", bare.Key].Value;
            // Written once, as it will be when it is sent.
            _ = resources.ToJsonString();
            return null;
        }
        catch (JsonException exception)
        {
            return texts["Events.Json.Broken", (exception.LineNumber ?? 0) + 1, (exception.BytePositionInLine ?? 0) + 1];
        }
        catch (ArgumentException)
        {
            // A key that stands twice.
            return texts["Events.Json.Twice"];
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair: JSON by its grammar, but no text that could be sent.
            return texts["Events.Json.Character"];
        }
    }
}
