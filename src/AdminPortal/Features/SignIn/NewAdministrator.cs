using AdminPortal.Domain.Text;
using FluentValidation;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Features.SignIn;

/// <summary>The form for the first administrator.</summary>
public sealed class NewAdministrator
{
    public string Email { get; set; } = "";

    public string Password { get; set; } = "";
}

internal sealed class NewAdministratorValidator : AbstractValidator<NewAdministrator>
{
    public NewAdministratorValidator(IStringLocalizer<SignInText> texts)
    {
        RuleLevelCascadeMode = CascadeMode.Stop;
        RuleFor(input => input.Email)
            .Must(email => !string.IsNullOrWhiteSpace(email)).WithMessage(_ => texts["Email.Required"])
            .Must(EmailAddress.IsValid).WithMessage(_ => texts["Email.Form"]);
        RuleFor(input => input.Password)
            .Must(password => !string.IsNullOrEmpty(password)).WithMessage(_ => texts["Password.Required"])
            .Must(password => password.Length <= Credentials.MaxPasswordLength).WithMessage(_ => texts["Password.TooLong", Credentials.MaxPasswordLength]);
    }
}
