using FluentValidation;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Features.SignIn;

internal sealed class NewPasswordValidator : AbstractValidator<NewPassword>
{
    public NewPasswordValidator(IStringLocalizer<SignInText> texts)
    {
        RuleLevelCascadeMode = CascadeMode.Stop;
        RuleFor(input => input.Password)
            .Must(password => !string.IsNullOrEmpty(password)).WithMessage(_ => texts["Password.Required"])
            .Must(password => password.Length <= Credentials.MaxPasswordLength).WithMessage(_ => texts["Password.TooLong", Credentials.MaxPasswordLength]);
    }
}
