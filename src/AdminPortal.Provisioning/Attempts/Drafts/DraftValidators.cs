using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Elements;
using AdminPortal.Domain.Text;
using AdminPortal.Provisioning.Elements;
using AdminPortal.Provisioning.Shared;
using FluentValidation;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Attempts.Drafts;

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
        RuleFor(options => options.SignatureKey)
            .Custom((key, context) =>
            {
                if (SignatureKeyRule.Explain(key.Trim(), texts) is { } problem) context.AddFailure(problem);
            })
            .When(options => options.Events is { Enabled: true });
    }
}

internal sealed class EventSettingsValidator : AbstractValidator<EventSettings>
{
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
                if (json.Length > 0 && PollerJson.Explain(json, texts) is { } problem) context.AddFailure(problem);
            });
    }
}
