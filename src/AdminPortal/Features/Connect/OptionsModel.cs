using AdminPortal.Provisioning.Attempts;
using FluentValidation;

namespace AdminPortal.Features.Connect;

/// <summary>The form of the options step: name, tags and events side by side, as a person sees them.</summary>
public sealed class OptionsModel
{
    public string Name { get; set; } = "";

    public IReadOnlyList<string> Tags { get; set; } = [];

    public bool EventsEnabled { get; set; }

    public string CallbackUrl { get; set; } = "";

    public int Minutes { get; set; } = new EventSettings().Minutes;

    public IReadOnlyList<string> Resources { get; set; } = [];

    public string PollerConfiguration { get; set; } = "";

    /// <summary>The form with what a draft holds.</summary>
    public static OptionsModel From(AttemptView attempt)
    {
        var events = attempt.Events ?? new EventSettings();
        return new OptionsModel
        {
            Name = attempt.Name,
            Tags = attempt.Tags,
            EventsEnabled = events.Enabled,
            CallbackUrl = events.CallbackUrl,
            Minutes = events.Minutes,
            Resources = events.Resources,
            PollerConfiguration = events.PollerConfiguration,
        };
    }

    /// <summary>What the service takes.</summary>
    public InstanceOptions ToOptions() => new()
    {
        Name = Name,
        Tags = Tags,
        Events = new EventSettings
        {
            Enabled = EventsEnabled,
            CallbackUrl = CallbackUrl,
            Minutes = Minutes,
            Resources = Resources,
            PollerConfiguration = PollerConfiguration,
        },
    };
}

/// <summary>The service's own rules, on the form's fields: their names are the same.</summary>
internal sealed class OptionsModelValidator : AbstractValidator<OptionsModel>
{
    public OptionsModelValidator(IValidator<InstanceOptions> options) =>
        RuleFor(model => model).Custom((model, context) =>
        {
            foreach (var error in options.Validate(model.ToOptions()).Errors)
                context.AddFailure(new FluentValidation.Results.ValidationFailure(error.PropertyName.Split('.')[^1], error.ErrorMessage));
        });
}
