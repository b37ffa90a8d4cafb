using AdminPortal.Domain.Attempts;
using AdminPortal.Provisioning.Attempts;
using AdminPortal.Provisioning.Attempts.Drafts;
using FluentValidation;

namespace AdminPortal.Features.Attempts;

/// <summary>The form of the options step: name, tags and events side by side, as a person sees them.</summary>
public sealed class OptionsModel : EventForm
{
    public string Name { get; set; } = "";

    public IReadOnlyList<string> Tags { get; set; } = [];

    /// <summary>The form with what a draft holds.</summary>
    public static OptionsModel From(AttemptView attempt)
    {
        var model = new OptionsModel { Name = attempt.Name, Tags = attempt.Tags };
        model.Take(attempt.Events ?? new EventSettings());
        return model;
    }

    /// <summary>What the service takes.</summary>
    public InstanceOptions ToOptions() => new() { Name = Name, Tags = Tags, Events = ToSettings(), SignatureKey = SignatureKey };
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
