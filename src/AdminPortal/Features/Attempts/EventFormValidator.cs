using AdminPortal.Domain.Attempts;
using FluentValidation;
using FluentValidation.Results;

namespace AdminPortal.Features.Attempts;

/// <summary>The service's own rules, on the form's fields; switched off, nothing of them is asked.</summary>
internal sealed class EventFormValidator : AbstractValidator<EventForm>
{
    public EventFormValidator(IValidator<EventSettings> events) =>
        RuleFor(form => form).Custom((form, context) =>
        {
            if (!form.EventsEnabled) return;
            foreach (var error in events.Validate(form.ToSettings()).Errors) context.AddFailure(new ValidationFailure(error.PropertyName, error.ErrorMessage));
        });
}
